/** An ext4 file system in an image file, which can be put back to what the kernel had written of it by some moment. */
import { execFile } from 'node:child_process';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type TempFolder, eventually, tempFolder } from '@allibrary/testing';

const run = promisify(execFile);
const SIZE = '2G';
/** What e2fsck exits with when it found nothing, or repaired what it found. */
const REPAIRED = [0, 1];

/** A mounted image; needs root. */
export class Ext4Image {
  private constructor(
    private readonly folder: TempFolder,
    /** Where it is mounted. */
    readonly mountPoint: string,
  ) {}

  static async mountAt(mountPoint: string): Promise<Ext4Image> {
    const image = new Ext4Image(await tempFolder(), mountPoint);
    await run('truncate', ['-s', SIZE, image.#file]);
    await run('mkfs.ext4', ['-q', '-F', image.#file]);
    await image.#mount();
    return image;
  }

  get #file(): string {
    return join(this.folder.path, 'disk.img');
  }

  get #snapshot(): string {
    return join(this.folder.path, 'snapshot.img');
  }

  /** Writes everything to the disk. */
  async sync(): Promise<void> {
    await run('sync', ['-f', this.mountPoint]);
  }

  /** Keeps what has reached the disk by now; whoever writes in it must stand still. */
  async takeSnapshot(): Promise<void> {
    await run('cp', ['--sparse=always', this.#file, this.#snapshot]);
  }

  /** Goes back to the snapshot, repaired as at the start of a machine. */
  async returnToSnapshot(): Promise<void> {
    await this.#unmount();
    await rename(this.#snapshot, this.#file);
    await run('e2fsck', ['-f', '-p', this.#file]).catch((error: unknown) => {
      if (!REPAIRED.includes(Number((error as { code?: number }).code))) throw error;
    });
    await this.#mount();
  }

  async remove(): Promise<void> {
    await this.#unmount();
    await this.folder.remove();
  }

  #mount(): Promise<unknown> {
    return run('mount', ['-o', 'loop', this.#file, this.mountPoint]);
  }

  /** A process that was just killed may hold a file for a moment. */
  async #unmount(): Promise<void> {
    await eventually(() => run('umount', [this.mountPoint]).then(() => true), { timeoutMs: 30_000 });
  }
}
