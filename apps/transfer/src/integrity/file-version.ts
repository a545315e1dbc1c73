import type { Stats } from 'node:fs';
import type { FileVersion } from './damage.ts';

/** The version of a file, as the file system tells it. */
export const versionOf = ({ size, mtimeMs, ino }: Stats): FileVersion => ({
  sizeBytes: size,
  modifiedAtMs: mtimeMs,
  inode: ino,
});
