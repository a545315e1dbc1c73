import { fileTypeFromBuffer } from 'file-type';
import { mediaTypeOf } from '../text-format.ts';
import { isBinary } from '../encoding/encodings.ts';
import type { SourceFile } from './source-file.ts';

/** So much of a file shows what it is, also of a ZIP archive that begins with its list of types. */
const SNIFFED_BYTES = 64 * 1024;

/** The media type of a file by its bytes, or by its name where they don't tell. */
export async function mediaTypeOfFile(file: SourceFile, byName: string): Promise<string> {
  const start = await file.readStart(SNIFFED_BYTES);
  // What ends in the middle of something is an error to the library, and tells as little as no sign.
  const byContent = await fileTypeFromBuffer(start).catch(() => undefined);
  return mediaTypeOf({ byName, byContent: byContent?.mime ?? null, isText: !isBinary(start) });
}

/** Whether the beginning of a file could be a text. */
export const isInLetters = async (file: SourceFile): Promise<boolean> =>
  file.sizeBytes > 0 && !isBinary(await file.readStart(SNIFFED_BYTES));
