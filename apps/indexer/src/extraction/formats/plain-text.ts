import { readText, undivided } from '../encoding/decode.ts';
import type { ReadText } from '../extraction.ts';
import type { SourceFile } from '../child/source-file.ts';

/** Reads a text file as it stands. */
export const readPlainText = async (file: SourceFile, maxCharacters: number): Promise<ReadText> =>
  undivided(await readText(file, maxCharacters));
