import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { PIECE_BYTES, pieceCount, pieceSizeBytes } from '@allibrary/core';
import type { Collections } from '@allibrary/library';
import type { Catalog, FileRecord } from '../catalog/catalog.ts';
import { RefusalCode } from '../wire/messages.ts';

const MOST_OPEN_FILES = 64;
/** An open file keeps its disk from being unmounted and its space from being freed. */
const IDLE_LIMIT_MS = 10_000;

/** Something that is not served, with the reason that the peer is told. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  /** After how long it is worth to ask again; 0 is unknown. */
  readonly retryAfterMs: number;

  constructor(
    readonly code: RefusalCode,
    message: string,
    { retryAfterMs = 0, ...options }: ErrorOptions & { readonly retryAfterMs?: number } = {},
  ) {
    super(message, options);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Judges pieces on their way to a peer. */
export interface PieceCheck {
  /** One of so many pieces is judged. */
  readonly oneIn: number;
  /** Whether the piece is known to be damaged in this file. */
  isDamaged(file: FileRecord, index: number): boolean;
  /** Whether the bytes that were read of an unedited file are right; damage is noted, and repaired later. */
  accept(file: FileRecord, index: number, bytes: Buffer): Promise<boolean>;
}

interface OpenFile {
  readonly handle: Promise<FileHandle>;
  readonly record: FileRecord;
  users: number;
  /** Closes it when nobody uses it for a while. */
  idle: NodeJS.Timeout | undefined;
  /** The file's status change when a piece of it was last judged; something happened to the file since when it moved. */
  judgedAtChangeMs: number | undefined;
}

/** Reads the bytes of shared documents out of the files they lie in; keeps a bounded number of these open. */
export class SharedDocuments {
  readonly #open = new Map<string, OpenFile>();
  #served = 0;

  constructor(
    private readonly catalog: Catalog,
    private readonly collections: Collections,
    private readonly check: PieceCheck,
    private readonly idleLimitMs = IDLE_LIMIT_MS,
  ) {}

  /** The size of a shared document; throws a {@link Refusal} for any other. */
  sizeBytes(documentId: string): number {
    return this.#record(documentId).sizeBytes;
  }

  /** Reads part of a document; throws a {@link Refusal} when its file is no longer what it was. */
  async read(documentId: string, into: Buffer, offset: number): Promise<void> {
    await this.#using(this.#record(documentId), async (file) => {
      await statUnedited(file);
      await fill(await file.handle, into, offset);
    });
  }

  /**
   * The bytes of one piece, in memory from `take`. A sample is verified, and a piece that the peer doubts; a damaged piece
   * is refused.
   */
  async piece(
    documentId: string,
    index: number,
    take: (sizeBytes: number) => Buffer,
    isDoubted = false,
  ): Promise<Buffer> {
    const sizeBytes = this.sizeBytes(documentId);
    if (index >= pieceCount(sizeBytes)) throw new Refusal(RefusalCode.Malformed, 'the document has no such piece');
    const record = this.catalog.files(documentId).find((file) => !this.check.isDamaged(file, index));
    if (!record) throw new Refusal(RefusalCode.Unreadable, 'this piece is damaged here');
    const into = take(pieceSizeBytes(sizeBytes, index));
    await this.#using(record, async (file) => {
      const { ctimeMs } = await statUnedited(file);
      await fill(await file.handle, into, index * PIECE_BYTES);
      const isSample = this.#served++ % this.check.oneIn === 0;
      if (isDoubted || isSample || file.judgedAtChangeMs !== ctimeMs) await this.#judge(file, index, into);
    });
    return into;
  }

  /** Closes all files. */
  async close(): Promise<void> {
    const files = [...this.#open.values()];
    this.#open.clear();
    for (const { idle } of files) clearTimeout(idle);
    await Promise.allSettled(files.map(async ({ handle }) => (await handle).close()));
  }

  async #judge(file: OpenFile, index: number, bytes: Buffer): Promise<void> {
    if (!(await this.check.accept(file.record, index, bytes))) {
      throw new Refusal(RefusalCode.Unreadable, 'this piece is damaged here');
    }
    file.judgedAtChangeMs = (await (await file.handle).stat()).ctimeMs;
  }

  async #using(record: FileRecord, work: (file: OpenFile) => Promise<void>): Promise<void> {
    const file = this.#use(record);
    try {
      await work(file);
    } catch (cause) {
      this.#drop(record.documentId, file);
      if (cause instanceof Refusal) throw cause;
      throw new Refusal(RefusalCode.Unreadable, 'the file cannot be read', { cause });
    } finally {
      file.users -= 1;
      this.#closeWhenIdle(record.documentId, file);
      this.#closeOldest();
    }
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
    const file = known && current ? known : newlyOpened(this.#openFile(record), record);
    file.users += 1;
    clearTimeout(file.idle);
    this.#open.delete(record.documentId); // and to the end: the map's order is that of use
    this.#open.set(record.documentId, file);
    return file;
  }

  async #openFile(record: FileRecord): Promise<FileHandle> {
    const { handle, stats } = await this.collections.openFile(record);
    if (stats.isFile()) return handle;
    await handle.close();
    throw new Refusal(RefusalCode.Unreadable, 'the file is gone');
  }

  #closeWhenIdle(documentId: string, file: OpenFile): void {
    if (file.users > 0 || this.#open.get(documentId) !== file) return;
    file.idle = setTimeout(() => this.#drop(documentId, file), this.idleLimitMs).unref();
  }

  #drop(documentId: string, file: OpenFile): void {
    clearTimeout(file.idle);
    if (this.#open.get(documentId) === file) this.#open.delete(documentId);
    file.handle.then((handle) => handle.close()).catch(() => {}); // it may never have opened
  }

  #closeOldest(): void {
    for (const [documentId, file] of this.#open) {
      if (this.#open.size <= MOST_OPEN_FILES) return;
      if (file.users === 0) this.#drop(documentId, file);
    }
  }
}

const newlyOpened = (handle: Promise<FileHandle>, record: FileRecord): OpenFile => ({
  handle,
  record,
  users: 0,
  idle: undefined,
  judgedAtChangeMs: undefined,
});

async function statUnedited({ handle, record }: OpenFile): Promise<Stats> {
  const stats = await (await handle).stat();
  if (stats.nlink === 0) throw new Refusal(RefusalCode.Unreadable, 'the file is gone');
  if (stats.size === record.sizeBytes && stats.mtimeMs === record.modifiedAtMs) return stats;
  throw new Refusal(RefusalCode.Unreadable, 'the file changed and is not hashed anew yet');
}

async function fill(handle: FileHandle, into: Buffer, offset: number): Promise<void> {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await handle.read(into, done, into.length - done, offset + done);
    if (bytesRead === 0) throw new Refusal(RefusalCode.Unreadable, 'the file became shorter');
    done += bytesRead;
  }
}
