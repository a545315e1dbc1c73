import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, statfs } from 'node:fs/promises';
import { PIECE_BYTES } from '@allibrary/core';
import { pathOfDescriptor } from '@allibrary/library';

const ALLOCATE_LIMIT_MS = 60_000;

/** The disk has no room for a document. */
export class DiskFull extends Error {
  override readonly name = 'DiskFull';
}

/**
 * Gives a file its final size and, where the file system can, the room for it. Node has no fallocate(2); util-linux and
 * busybox have a command for it. Without it the file has holes, and only the look at the free space warns.
 */
export async function reserve(handle: FileHandle, sizeBytes: number): Promise<void> {
  const { size, blocks } = await handle.stat();
  const missing = sizeBytes - blocks * 512;
  const { bavail, bsize } = await statfs(pathOfDescriptor(handle.fd));
  if (missing > bavail * bsize) {
    throw new DiskFull(`The disk has ${gigabytes(bavail * bsize)} free; ${gigabytes(missing)} more are needed`);
  }
  if (size !== sizeBytes) await handle.truncate(sizeBytes);
  // A document of one piece is written at once, and the command takes longer than that write.
  if (missing > 0 && sizeBytes > PIECE_BYTES) await allocate(handle, sizeBytes);
}

/** The command inherits the opened file as descriptor 3: its name may lead elsewhere by now. */
async function allocate(handle: FileHandle, sizeBytes: number): Promise<void> {
  const command = spawn('fallocate', ['-l', String(sizeBytes), pathOfDescriptor(3)], {
    stdio: ['ignore', 'ignore', 'ignore', handle.fd],
    timeout: ALLOCATE_LIMIT_MS,
  });
  await once(command, 'close').catch(() => {}); // there is no such command: the file has holes
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(bytes < 1e9 ? 3 : 1)} GB`;
