import type { LibraryDocument } from '@allibrary/contracts';
import fresh from 'fresh';
import { type ByteRange, parseRange } from './byte-range.ts';
import { contentDisposition, contentType } from './content-headers.ts';

/** Request headers that decide which bytes are sent. */
export interface ContentQuestion {
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

/** Response to a request for a document's bytes; `range` is null where it has no body. */
export interface ContentAnswer {
  readonly status: 200 | 206 | 304 | 416;
  readonly headers: Readonly<Record<string, string>>;
  readonly range: ByteRange | null;
}

/** A hostile document must not run as one of our pages, whatever type a browser detects. */
export const NOTHING_RUNS = "sandbox; default-src 'none'";
/** A browser plays audio and video on a page of its own, which loads the same URL again. */
const ONLY_PLAYS = `${NOTHING_RUNS}; media-src 'self'`;

/** Builds the response to a request for a document's bytes (RFC 9110, sections 13 and 14). The document id is the ETag. */
export function answerContent(document: LibraryDocument, question: ContentQuestion): ContentAnswer {
  const { documentId, name, sizeBytes, mediaType } = document;
  const etag = `"${documentId}"`;
  const headers = { ETag: etag, 'Accept-Ranges': 'bytes', 'Cache-Control': 'private, no-cache' };
  if (fresh({ 'if-none-match': question.ifNoneMatch }, { etag })) return { status: 304, headers, range: null };

  const isCurrent = question.ifRange === undefined || question.ifRange === etag;
  const asked = parseRange(isCurrent ? question.range : undefined, sizeBytes);
  if (asked.kind === 'unsatisfiable')
    return { status: 416, headers: { ...headers, 'Content-Range': `bytes */${sizeBytes}` }, range: null };

  const range = asked.kind === 'part' ? asked.range : { offset: 0, length: sizeBytes };
  const content = {
    ...headers,
    'Content-Type': contentType(mediaType),
    'Content-Length': String(range.length),
    'Content-Disposition': contentDisposition(name, mediaType),
    'Content-Security-Policy': /^(audio|video)\//.test(mediaType) ? ONLY_PLAYS : NOTHING_RUNS,
  };
  if (asked.kind === 'whole') return { status: 200, headers: content, range };
  const span = `bytes ${range.offset}-${range.offset + range.length - 1}/${sizeBytes}`;
  return { status: 206, headers: { ...content, 'Content-Range': span }, range };
}
