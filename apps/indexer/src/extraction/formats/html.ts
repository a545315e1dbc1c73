import { declaredInHtml } from '../encoding/declared-encoding.ts';
import { readText, undivided } from '../encoding/decode.ts';
import type { ReadText } from '../extraction.ts';
import { metadataOfHtml } from '../description/html-metadata.ts';
import { textOfHtml } from './html-text.ts';
import type { SourceFile } from '../child/source-file.ts';

/** Of a page whose source is longer than so many times the text that is wanted, the end is not read. */
const MAX_SOURCE_FACTOR = 2;
/** Reads an HTML file's title and text. */
export async function readHtml(file: SourceFile, maxCharacters: number): Promise<ReadText> {
  const source = await readText(file, maxCharacters * MAX_SOURCE_FACTOR, declaredInHtml);
  const text = textOfHtml(source.text, maxCharacters);
  const truncated = source.truncated || text.length > maxCharacters;
  return undivided({ text: text.slice(0, maxCharacters), truncated }, metadataOfHtml(source.text));
}
