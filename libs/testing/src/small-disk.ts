import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

const BLOCK = Buffer.alloc(65_536);

/** A small file system of a test's own, in memory; needs root. */
export class SmallDisk {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static mount(folder: string, size: string): SmallDisk {
    mkdirSync(folder, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
    return new SmallDisk(folder);
  }

  /** Fills the free space, including what has become free since, except for this many bytes. */
  fill(leftBytes = 0): void {
    const { bavail, bsize } = statfsSync(this.folder);
    try {
      for (let free = bavail * bsize; leftBytes === 0 || free > leftBytes; free -= BLOCK.length)
        appendFileSync(join(this.folder, 'filler'), BLOCK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }

  /** Gives back what was taken. */
  makeRoom(): void {
    rmSync(join(this.folder, 'filler'), { force: true });
  }

  unmount(): void {
    execFileSync('umount', ['--lazy', this.folder]);
  }
}
