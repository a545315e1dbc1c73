import { statfs } from 'node:fs/promises';
import type { Metrics } from '@allibrary/platform';

interface Space {
  readonly freeBytes: number;
  readonly sizeBytes: number;
}

/** Shows how full the disks are, by the use of a folder on them. One that does not answer shows what it said last. */
export function observeDisks(metrics: Metrics, folders: Readonly<Record<'library' | 'data', string>>): void {
  const spaces = new Map<string, Space>();
  const look = (): void => {
    for (const [use, path] of Object.entries(folders))
      statfs(path).then(
        ({ bavail, blocks, bsize }) => spaces.set(use, { freeBytes: bavail * bsize, sizeBytes: blocks * bsize }),
        () => spaces.delete(use),
      );
  };
  const gauge = (name: string, help: string, valueOf: (space: Space) => number) =>
    metrics.gauge({
      name,
      help,
      labelNames: ['folder'],
      collect() {
        this.reset();
        for (const [folder, space] of spaces) this.set({ folder }, valueOf(space));
      },
    });
  gauge('allibrary_disk_size_bytes', 'The size of the file system that holds a folder.', ({ sizeBytes }) => sizeBytes);
  gauge('allibrary_disk_free_bytes', 'What is free there for this service.', ({ freeBytes }) => {
    look(); // for the next time: a network disk that hangs must not hold up the answer
    return freeBytes;
  });
  look();
}
