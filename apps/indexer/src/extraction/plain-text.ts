import { readText } from './decode.ts';
import type { ReadText } from './extraction.ts';
import type { SourceFile } from './source-file.ts';

/** Reads a text file as it stands. */
export const readPlainText = (file: SourceFile, maxCharacters: number): Promise<ReadText> =>
  readText(file, maxCharacters);
