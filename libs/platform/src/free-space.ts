import { statfs } from 'node:fs/promises';

/** Below this neither SQLite nor nats-server can be sure to write its next pages. */
const LEAST_FREE_BYTES = 1_048_576;

/** Whether the disk of a folder is full. A folder that is not there, or a disk that does not answer, is reported by others. */
export async function isDiskFull(folder: string): Promise<boolean> {
  const space = await statfs(folder).catch(() => undefined);
  return space !== undefined && space.blocks > 0 && space.bavail * space.bsize < LEAST_FREE_BYTES;
}

/** Returns the problem when the disk of the bus is full; null when it has room, or its folder is not on this machine. */
export async function fullBusDisk(folder: string | undefined): Promise<string | null> {
  const isFull = folder !== undefined && (await isDiskFull(folder));
  return isFull ? `the bus cannot store: no space left on device (${folder})` : null;
}

/** Returns the message for a folder whose disk is full. */
export const diskIsFull = (folder: string): string => `the disk of ${folder} is full: make room`;
