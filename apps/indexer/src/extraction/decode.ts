import { TextDecoder } from 'node:util';
import { analyse } from 'chardet';
import type { Statement } from '../domain/metadata.ts';
import { type ReadText, UnreadableText } from './extraction.ts';
import type { SourceFile } from './source-file.ts';

/** The beginning of a text file. */
export interface DecodedText {
  readonly text: string;
  /** Whether the file says more than this. */
  readonly truncated: boolean;
}

/** A guess at an encoding that is surer than this is better than Windows-1252. */
const TELLING_PERCENT = 30;
/** So much of a file decides what it is written in. */
const SNIFFED_BYTES = 64 * 1024;
const BYTE_ORDER_MARKS: ReadonlyArray<readonly [encoding: string, bytes: readonly number[]]> = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/**
 * Decodes the beginning of a text file: what its byte order mark says, else what the file declares, else UTF-8, and what
 * its bytes look like when it is not UTF-8 after all.
 */
export async function readText(
  file: SourceFile,
  maxCharacters: number,
  declared: (start: string) => string | null = () => null,
): Promise<DecodedText> {
  const start = await file.readStart(SNIFFED_BYTES);
  const marked = BYTE_ORDER_MARKS.find(([, mark]) => mark.every((byte, at) => start[at] === byte))?.[0];
  if (!marked && isBinary(start)) throw new UnreadableText('it is binary data, not text');
  const named = marked ?? knownEncoding(declared(start.toString('latin1')));
  if (named) return decode(file, maxCharacters, new TextDecoder(named));
  try {
    return await decode(file, maxCharacters, new TextDecoder('utf-8', { fatal: true }));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return decode(file, maxCharacters, new TextDecoder(likelyEncoding(start)));
  }
}

async function decode(file: SourceFile, maxCharacters: number, decoder: TextDecoder): Promise<DecodedText> {
  let text = '';
  for await (const chunk of file.chunks()) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > maxCharacters) return { text: text.slice(0, maxCharacters), truncated: true };
  }
  return { text: text + decoder.decode(), truncated: false };
}

/** A text that its format does not divide. */
export const undivided = ({ text, truncated }: DecodedText, statements: readonly Statement[] = []): ReadText => ({
  sections: [{ page: null, chapter: null, text }],
  statements,
  truncated,
});

/** No text holds NUL, and hardly any a control character other than white space and the terminal's escape. */
export function isBinary(start: Buffer): boolean {
  let controls = 0;
  for (const byte of start) if (byte < 0x09 || (byte > 0x0d && byte < 0x20 && byte !== 0x1b)) controls += 1;
  return start.includes(0) || controls > start.length / 20;
}

/** The encoding that the bytes of a text look like; Windows-1252 when they are too few to tell. */
function likelyEncoding(start: Buffer): string {
  const [best] = analyse(start);
  const encoding = best && best.confidence >= TELLING_PERCENT ? knownEncoding(best.name) : null;
  return encoding === null || encoding === 'utf-8' ? 'windows-1252' : encoding;
}

function knownEncoding(name: string | null): string | null {
  try {
    return name ? new TextDecoder(name).encoding : null;
  } catch {
    return null; // an encoding that nobody knows: as if the file had declared none
  }
}
