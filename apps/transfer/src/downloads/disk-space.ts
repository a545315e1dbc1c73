import { execFile } from 'node:child_process';
import { type FileHandle, statfs } from 'node:fs/promises';
import { promisify } from 'node:util';

const ALLOCATE_LIMIT_MS = 60_000;

/** The disk has no room for a document. */
export class DiskFull extends Error {
  override readonly name = 'DiskFull';
}

/**
 * Gives a file its final size and, where the file system can, the room for it. Node has no fallocate(2); util-linux and
 * busybox have a command for it. Without it the file has holes, and only the look at the free space warns.
 */
export async function reserve(path: string, handle: FileHandle, sizeBytes: number): Promise<void> {
  const { size, blocks } = await handle.stat();
  const missing = sizeBytes - blocks * 512;
  const { bavail, bsize } = await statfs(path);
  if (missing > bavail * bsize) {
    throw new DiskFull(`The disk has ${gigabytes(bavail * bsize)} free; ${gigabytes(missing)} more are needed`);
  }
  if (size !== sizeBytes) await handle.truncate(sizeBytes);
  if (missing > 0) await allocate(path, sizeBytes);
}

async function allocate(path: string, sizeBytes: number): Promise<void> {
  const command = promisify(execFile)('fallocate', ['-l', String(sizeBytes), path], { timeout: ALLOCATE_LIMIT_MS });
  await command.catch(() => {}); // no such command, or a file system that can't: it was only better
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(bytes < 1e9 ? 3 : 1)} GB`;
