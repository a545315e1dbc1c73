import { readText, undivided } from './decode.ts';
import type { ReadText } from './extraction.ts';
import type { SourceFile } from './source-file.ts';

/** Reads a text file as it stands. */
export const readPlainText = async (file: SourceFile, maxCharacters: number): Promise<ReadText> =>
  undivided(await readText(file, maxCharacters));
