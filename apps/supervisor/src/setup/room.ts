import { statfs } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** With less a program could not even write its own state. */
const LEAST_FREE_BYTES = 1_048_576;
const LOOK_EVERY_MS = 1_000;

/** Whether the disk of a folder has room to write; a folder that cannot be read has none. */
export const hasRoom = (folder: string): Promise<boolean> =>
  isFull(folder).then(
    (full) => !full,
    () => false,
  );

/** Resolves when the disk of a folder is not full; reports once that it waits. Any other problem is for others to report. */
export async function untilRoom(folder: string, print: (line: string) => void): Promise<void> {
  for (let isPrinted = false; await isFull(folder).catch(() => false); isPrinted = true) {
    if (!isPrinted) print(`No space left on device (${folder}): the node starts when there is room.`);
    await delay(LOOK_EVERY_MS);
  }
}

async function isFull(folder: string): Promise<boolean> {
  const { blocks, bavail, bsize } = await statfs(folder);
  return blocks > 0 && bavail * bsize < LEAST_FREE_BYTES; // some file systems report no sizes
}
