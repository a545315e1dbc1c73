import type { Location } from '@allibrary/contracts';
import type { Manifest } from '@allibrary/core';
import { type CollectionFolder, type OpenedFile, type OpenedFolder, isMissing } from '@allibrary/library';
import type { PieceDestination } from '../../fetching/document-pieces.ts';
import {
  PartialFile,
  isPieceOf,
  movePartialFile,
  partialName,
  removePartialFile,
} from '../../fetching/partial-file.ts';
import type { BufferPool } from '../../wire/buffer-pool.ts';
import type { DownloadFolder } from './download-folder.ts';
import { placeFile } from './place-file.ts';

/** The owner chose another folder for downloads while this one was written to: the run begins again there. */
export class DownloadFolderChanged extends Error {
  override readonly name = 'DownloadFolderChanged';
}

/** Where one run writes its document: first the partial file, then the complete one. */
export class DownloadPlace implements PieceDestination {
  #folder: CollectionFolder | undefined;

  constructor(
    private readonly documentId: string,
    private readonly downloads: DownloadFolder,
    private readonly pool: BufferPool,
    /** Ends the copying of what was fetched into another folder before. */
    private readonly stopping: AbortSignal,
  ) {}

  /** Whether the folder is still the one that takes downloads. */
  get isCurrent(): boolean {
    return !this.#folder || this.downloads.isCurrent(this.#folder);
  }

  assertWritable(): void {
    if (this.#folder) this.downloads.assertWritable(this.#folder);
  }

  /** Opens the partial file; what lies in a folder that took downloads before is brought here. */
  open(manifest: Manifest): Promise<PartialFile> {
    const folder = this.downloads.current;
    this.#folder = folder;
    return this.downloads.usePartials(folder, async (partials) => {
      await this.downloads.useOtherPartials(folder, (theirs) => this.#bring(theirs, partials, manifest));
      return PartialFile.open(partials, this.#partial, manifest);
    });
  }

  /** Gives the complete file its place, which is on the disk when this returns; the partial name stays. */
  place(file: OpenedFile, wanted: string): Promise<Location> {
    const { documentId } = this;
    const folder = this.#folder;
    if (!folder || !this.isCurrent) throw new DownloadFolderChanged('Downloads go to another folder now.');
    return this.downloads.usePartials(folder, async (partials, root) => {
      const path = await placeFile({ documentId, partials, partial: this.#partial, file }, root, wanted);
      await root.sync();
      return { collection: folder.collection.id, path };
    });
  }

  get #partial(): string {
    return partialName(this.documentId);
  }

  async #bring(from: OpenedFolder, to: OpenedFolder, manifest: Manifest): Promise<void> {
    if (!(await exists(from, this.#partial))) return;
    const isHere = await exists(to, this.#partial);
    if (!isHere && (await movePartialFile(from, to, this.#partial))) return;
    await this.#copy(from, to, manifest);
    await removePartialFile(from, this.#partial);
  }

  /** Copies the pieces to another file system; each is verified on the way. */
  async #copy(from: OpenedFolder, to: OpenedFolder, manifest: Manifest): Promise<void> {
    const target = await PartialFile.open(to, this.#partial, manifest);
    try {
      const source = await PartialFile.open(from, this.#partial, manifest);
      try {
        for await (const index of source.verifiedPieces(this.pool)) {
          this.stopping.throwIfAborted();
          const bytes = await source.read(index, this.pool);
          if (isPieceOf(manifest, index, bytes)) await target.write(index, bytes);
          this.pool.give(bytes);
        }
      } finally {
        await source.close();
      }
      await target.sync();
    } finally {
      await target.close();
    }
  }
}

async function exists(folder: OpenedFolder, name: string): Promise<boolean> {
  try {
    await folder.statEntry(name);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
