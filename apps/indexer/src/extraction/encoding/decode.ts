import { TextDecoder } from 'node:util';
import type { Statement } from '../description/metadata.ts';
import { EncodingSurvey, isBinary, knownEncoding, markedEncoding, unmarkedUtf16 } from './encodings.ts';
import { type ReadText, UnreadableText } from '../extraction.ts';
import type { SourceFile } from '../child/source-file.ts';
import { LenientUtf8Decoder } from './utf8.ts';

/** The beginning of a text file. */
export interface DecodedText {
  readonly text: string;
  /** Whether the file says more than this. */
  readonly truncated: boolean;
}

/** The bytes that are looked at for a declaration. */
const SNIFFED_BYTES = 64 * 1024;
/** No encoding has longer characters. */
const MAX_CHARACTER_BYTES = 4;
/** What switches to Japanese letters in ISO-2022-JP, whose bytes are ASCII. */
const JAPANESE_ESCAPES = ['\u001B$@', '\u001B$B'];

type Decoder = Pick<TextDecoder, 'decode'> | LenientUtf8Decoder;

/**
 * Decodes the beginning of a text file: by its byte order mark, else by the encoding that it declares, else as UTF-8. What
 * is no UTF-8 is decoded by what its bytes look like.
 */
export async function readText(
  file: SourceFile,
  maxCharacters: number,
  declared: (start: string) => string | null = () => null,
): Promise<DecodedText> {
  const start = await file.readStart(SNIFFED_BYTES);
  const marked = markedEncoding(start);
  if (!marked && isBinary(start)) throw new UnreadableText('it is binary data, not text');
  const named = marked ?? unmarkedUtf16(start) ?? knownEncoding(declared(start.toString('latin1')));
  if (named !== null && named !== 'utf-8') return decode(file, maxCharacters, new TextDecoder(named));
  try {
    const read = await decode(file, maxCharacters, new TextDecoder('utf-8', { fatal: true }));
    return JAPANESE_ESCAPES.some((escape) => read.text.includes(escape))
      ? await decode(file, maxCharacters, new TextDecoder('iso-2022-jp'))
      : read;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return decode(file, maxCharacters, await decoderFor(file, maxCharacters));
  }
}

/** The decoder of a text that is no faultless UTF-8, after a look at all of it. */
async function decoderFor(file: SourceFile, maxCharacters: number): Promise<Decoder> {
  const survey = new EncodingSurvey();
  let bytes = 0;
  for await (const chunk of file.chunks()) {
    survey.add(chunk);
    bytes += chunk.length;
    if (bytes > maxCharacters * MAX_CHARACTER_BYTES) break;
  }
  return survey.encoding === null ? new LenientUtf8Decoder() : new TextDecoder(survey.encoding);
}

async function decode(file: SourceFile, maxCharacters: number, decoder: Decoder): Promise<DecodedText> {
  let text = '';
  for await (const chunk of file.chunks()) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > maxCharacters) return { text: text.slice(0, maxCharacters), truncated: true };
  }
  return { text: text + decoder.decode(), truncated: false };
}

/** Decodes bytes that are in memory, as {@link readText} does a file. */
export function decodeBytes(bytes: Buffer, declared: string | null): string {
  const named = markedEncoding(bytes) ?? unmarkedUtf16(bytes) ?? knownEncoding(declared);
  if (named !== null && named !== 'utf-8') return new TextDecoder(named).decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const survey = new EncodingSurvey();
    survey.add(bytes);
    const decoder = survey.encoding === null ? new LenientUtf8Decoder() : new TextDecoder(survey.encoding);
    return decoder.decode(bytes);
  }
}

/** A text that its format does not divide. */
export const undivided = ({ text, truncated }: DecodedText, statements: readonly Statement[] = []): ReadText => ({
  sections: [{ page: null, chapter: null, text }],
  statements,
  truncated,
});
