import { statfs } from 'node:fs/promises';

/** Below this nats-server cannot write the next block of a stream. */
const LEAST_FREE_BYTES = 1_048_576;

/** Says that the disk of the bus is full; null when it has room, or its folder is not on this machine. */
export async function noRoom(folder: string | undefined): Promise<string | null> {
  if (!folder) return null;
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize < LEAST_FREE_BYTES ? `the bus cannot store: no space left on device (${folder})` : null;
}
