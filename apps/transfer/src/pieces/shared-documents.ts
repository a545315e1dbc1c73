import type { FileHandle } from 'node:fs/promises';
import { PIECE_BYTES, pieceCount, pieceSizeBytes } from '@allibrary/core';
import type { Collections } from '@allibrary/library';
import type { Catalog, FileRecord } from '../catalog.ts';
import { RefusalCode } from './messages.ts';

const MOST_OPEN_FILES = 64;

/** Something that is not served, with the reason that the peer is told. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(
    readonly code: RefusalCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

interface OpenFile {
  readonly handle: Promise<FileHandle>;
  readonly record: FileRecord;
  users: number;
}

/** Reads the bytes of shared documents out of the files they lie in; keeps a bounded number of these open. */
export class SharedDocuments {
  readonly #open = new Map<string, OpenFile>();

  constructor(
    private readonly catalog: Catalog,
    private readonly collections: Collections,
  ) {}

  /** The size of a shared document; throws a {@link Refusal} for any other. */
  sizeBytes(documentId: string): number {
    return this.#record(documentId).sizeBytes;
  }

  /** Reads part of a document; throws a {@link Refusal} when its file is no longer what it was. */
  async read(documentId: string, into: Buffer, offset: number): Promise<void> {
    const file = this.#use(this.#record(documentId));
    try {
      const handle = await file.handle;
      const stats = await handle.stat();
      if (stats.size !== file.record.sizeBytes || stats.mtimeMs !== file.record.modifiedAtMs) {
        throw new Refusal(RefusalCode.Unreadable, 'the file changed and is not hashed anew yet');
      }
      for (let done = 0; done < into.length; ) {
        const { bytesRead } = await handle.read(into, done, into.length - done, offset + done);
        if (bytesRead === 0) throw new Refusal(RefusalCode.Unreadable, 'the file became shorter');
        done += bytesRead;
      }
    } catch (cause) {
      this.#drop(documentId, file);
      if (cause instanceof Refusal) throw cause;
      throw new Refusal(RefusalCode.Unreadable, 'the file cannot be read', { cause });
    } finally {
      file.users -= 1;
      await this.#closeOldest();
    }
  }

  /** The bytes of one piece, in memory from `take`. */
  async piece(documentId: string, index: number, take: (sizeBytes: number) => Buffer): Promise<Buffer> {
    const sizeBytes = this.sizeBytes(documentId);
    if (index >= pieceCount(sizeBytes)) throw new Refusal(RefusalCode.Malformed, 'the document has no such piece');
    const into = take(pieceSizeBytes(sizeBytes, index));
    await this.read(documentId, into, index * PIECE_BYTES);
    return into;
  }

  /** Closes all files. */
  async close(): Promise<void> {
    const files = [...this.#open.values()];
    this.#open.clear();
    await Promise.allSettled(files.map(async ({ handle }) => (await handle).close()));
  }

  #record(documentId: string): FileRecord {
    const [record] = this.catalog.files(documentId);
    if (!record) throw new Refusal(RefusalCode.NotShared, 'this document is not shared here');
    return record;
  }

  #use(record: FileRecord): OpenFile {
    const known = this.#open.get(record.documentId);
    const current =
      known?.record.path === record.path &&
      known.record.collection === record.collection &&
      known.record.modifiedAtMs === record.modifiedAtMs;
    if (known && !current) this.#drop(record.documentId, known);
    const file = known && current ? known : { handle: this.collections.openFile(record), record, users: 0 };
    file.users += 1;
    this.#open.delete(record.documentId); // and to the end: the map's order is that of use
    this.#open.set(record.documentId, file);
    return file;
  }

  #drop(documentId: string, file: OpenFile): void {
    if (this.#open.get(documentId) === file) this.#open.delete(documentId);
    file.handle.then((handle) => handle.close()).catch(() => {}); // it may never have opened
  }

  async #closeOldest(): Promise<void> {
    for (const [documentId, file] of this.#open) {
      if (this.#open.size <= MOST_OPEN_FILES) return;
      if (file.users === 0) this.#drop(documentId, file);
    }
  }
}
