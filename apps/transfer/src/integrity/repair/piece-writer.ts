import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { Location } from '@allibrary/contracts';
import { PIECE_BYTES } from '@allibrary/core';
import type { Collections } from '@allibrary/library';
import type { Catalog, FileRecord } from '../../catalog/catalog.ts';
import type { WriteCheck } from '../../downloads/place/download-folder.ts';
import { isOwnRepair, isSameVersion } from '../damage.ts';
import type { DamageStore } from '../damage-store.ts';
import { versionOf } from '../file-version.ts';

/** The file is not the one that was damaged: it was edited since, and is left alone. */
export class FileEdited extends Error {
  override readonly name = 'FileEdited';
}

/**
 * Writes verified pieces over damaged ones, in place: what stood there was wrong already, so a crash at any moment
 * leaves a piece that is known to be damaged, never a worse file. The file keeps its time, or the watcher would take
 * the repair for an edit.
 */
export class PieceWriter {
  constructor(
    private readonly parts: {
      readonly store: DamageStore;
      readonly catalog: Catalog;
      readonly collections: Pick<Collections, 'find'>;
      readonly checkWritable: WriteCheck;
      readonly now: () => number;
    },
  ) {}

  /** Writes one piece and records that it is right; throws {@link FileEdited} when the file is another one now. */
  async write(file: FileRecord, index: number, bytes: Uint8Array, sources: string[]): Promise<void> {
    await this.#withFile(file, async (handle) => {
      if (!isSameVersion(file, versionOf(await handle.stat()))) throw new FileEdited('it was edited since');
      this.parts.store.repairStarts(file);
      await writeAt(handle, bytes, index * PIECE_BYTES);
      await handle.datasync(); // the bytes are safe before the repair is recorded
      const modifiedAtMs = await setTime(handle, file.modifiedAtMs);
      const { collection, path, documentId } = file;
      const fact = {
        documentId,
        location: { collection, path },
        pieces: [index],
        sources,
        repairedAtMs: this.parts.now(),
      };
      this.parts.store.repairEnds(file, () => {
        this.parts.catalog.setModified(file, modifiedAtMs);
        this.parts.store.repaired(fact);
      });
    });
  }

  /** Gives the files whose repair was cut off their time back; their pieces are still known to be damaged. */
  async settleBroken(): Promise<void> {
    for (const broken of this.parts.store.brokenRepairs()) {
      await this.#settle(broken, broken.startedAtMs).catch(() => {}); // gone or unreadable: the watcher reports it
      this.parts.store.repairEnds(broken);
    }
  }

  async #settle(location: Location, startedAtMs: number): Promise<void> {
    const file = this.parts.catalog.file(location);
    if (!file) return;
    await this.#withFile(file, async (handle) => {
      if (!isOwnRepair(file, versionOf(await handle.stat()), startedAtMs)) return;
      this.parts.catalog.setModified(file, await setTime(handle, file.modifiedAtMs));
    });
  }

  async #withFile(file: FileRecord, work: (handle: FileHandle) => Promise<void>): Promise<void> {
    const folder = this.parts.collections.find(file.collection);
    if (!folder) throw new FileEdited('its collection is not wanted any more');
    await folder.useRoot((root) => this.parts.checkWritable(folder, root));
    const { handle } = await folder.openFile(file.path, constants.O_RDWR);
    try {
      await work(handle);
    } finally {
      await handle.close();
    }
  }
}

/** Sets a file's time, and answers what the file system made of it: Node sets whole microseconds. */
async function setTime(handle: FileHandle, modifiedAtMs: number): Promise<number> {
  const { atimeMs } = await handle.stat();
  await handle.utimes(atimeMs / 1_000, modifiedAtMs / 1_000);
  await handle.sync();
  return (await handle.stat()).mtimeMs;
}

async function writeAt(handle: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await handle.write(bytes, done, bytes.length - done, offset + done)).bytesWritten;
  }
}
