import type { Stats } from 'node:fs';
import type { FileVersion } from './damage.ts';

/** Version of a file, as the file system reports it. */
export const versionOf = ({ size, mtimeMs, ino }: Stats): FileVersion => ({
  sizeBytes: size,
  modifiedAtMs: mtimeMs,
  inode: ino,
});
