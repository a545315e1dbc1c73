import { readText, undivided } from '../encoding/decode.ts';
import type { ReadText } from '../extraction.ts';
import type { SourceFile } from '../child/source-file.ts';

/** A string of JSON. Its length is bounded: where a quotation mark is missing, the rest of a file would be searched again and again. */
const STRING = /"(?:[^"\\]|\\.){0,1000000}"/gsu;
/** Pictures and other bytes that notebooks keep in strings. */
const ENCODED_BYTES = /^[A-Za-z0-9+/=\s]{400,}$/u;

/** Reads the strings and names of a JSON file or notebook, a line for each. */
export async function readJson(file: SourceFile, maxCharacters: number): Promise<ReadText> {
  const { text, truncated } = await readText(file, maxCharacters);
  return undivided({ text: textOfJson(text), truncated });
}

/** A JSON text with its escapes undone: `\n` in a string is the end of a line and no letter n. */
export const textOfJson = (json: string): string => json.replaceAll(STRING, (string) => unescaped(string));

function unescaped(string: string): string {
  try {
    const text = String(JSON.parse(string));
    return ENCODED_BYTES.test(text) && !/[^\s]{1,20} /u.test(text) ? '""' : text;
  } catch {
    return string;
  }
}
