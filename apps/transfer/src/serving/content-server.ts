import type { Duplex } from 'node:stream';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PIECE_BYTES } from '@allibrary/core';
import type { SharedDocuments } from './shared-documents.ts';

/** Writes a range of a document's bytes into the stream and ends it; the stream breaks when the bytes can't be read. */
export async function serveContent(
  stream: Duplex,
  documents: SharedDocuments,
  range: { documentId: string; offset: number; length: number },
): Promise<void> {
  await pipeline(Readable.from(chunks(documents, range), { objectMode: false, highWaterMark: PIECE_BYTES }), stream);
}

async function* chunks(
  documents: SharedDocuments,
  { documentId, offset, length }: { documentId: string; offset: number; length: number },
): AsyncGenerator<Buffer> {
  const end = Math.min(offset + length, documents.sizeBytes(documentId));
  for (let at = offset; at < end; ) {
    const chunk = Buffer.allocUnsafe(Math.min(PIECE_BYTES, end - at));
    await documents.read(documentId, chunk, at);
    at += chunk.length;
    yield chunk;
  }
}
