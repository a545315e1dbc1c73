import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { NotFoundError } from '@libp2p/interface';
import { LevelDatastore } from 'datastore-level';
import { seal, unseal } from './sealed-value.ts';

type Key = Parameters<LevelDatastore['get']>[0];
type Pair = ReturnType<LevelDatastore['_query']> extends AsyncIterable<infer Each> ? Each : never;

/** Is informed of what happened to the store. */
export interface DatastoreLog {
  /** The store, or some of its entries, are lost. The network brings them again. */
  damaged(reason: string): void;
  /** The store cannot be written, for example because the disk is full. It goes on in memory, and tries again. */
  unwritable(reason: string): void;
  writableAgain(): void;
}

/** Its value is the version of the store: 2 has checksums. */
const FORMAT_KEY = '/allibrary/format';
const FORMAT = seal(Uint8Array.of(2));
const RETRY_AFTER_MS = 20_000;
const MAX_UNWRITTEN = 5_000;
const PROBE_BYTES = 65_536;
/** LevelDB gives both for damaged files, and the second also for a full disk. */
const FAILURE_CODES = new Set(['LEVEL_CORRUPTION', 'LEVEL_IO_ERROR']);
/** It could not be opened again after a failure. */
const CLOSED_CODE = 'LEVEL_DATABASE_NOT_OPEN';

/**
 * What the host remembers between two runs: peers and their addresses. LevelDB checks no checksums when it reads, so each
 * value has one of ours. The store closes when the host stops.
 */
export class HostDatastore extends LevelDatastore {
  /** Entries that could not be written; null stands for a deletion. */
  readonly #unwritten = new Map<string, Uint8Array | null>();
  #retry: NodeJS.Timeout | undefined;
  #reopening: Promise<void> = Promise.resolve();
  #isMarked = false;

  private constructor(
    private readonly folder: string,
    private readonly log: DatastoreLog,
    private readonly retryAfterMs: number,
  ) {
    super(folder);
  }

  /** Opens the store. One that is damaged is replaced by an empty one; one that another process has open is an error. */
  static async openIn(folder: string, log: DatastoreLog, retryAfterMs = RETRY_AFTER_MS): Promise<HostDatastore> {
    await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
    const isNew = !(await exists(folder)); // asked first: level begins to open as soon as it is constructed
    const store = new HostDatastore(folder, log, retryAfterMs);
    const reason = await store.#openSound(isNew);
    if (reason === null) return store;
    const next = new HostDatastore(folder, log, retryAfterMs);
    await replace(folder, () => next.#create());
    log.damaged(reason);
    return next;
  }

  /** LevelDatastore's own way to open hides the reason of a failure. */
  override async open(): Promise<void> {
    await this.db.open({ compression: false });
  }

  override async put(key: Key, value: Uint8Array): Promise<Key> {
    await this.#write(key.toString(), seal(value));
    return key;
  }

  override async delete(key: Key): Promise<void> {
    await this.#write(key.toString(), null);
  }

  override async get(key: Key): Promise<Uint8Array> {
    const value = await this.#read(key.toString());
    if (!value) throw new NotFoundError();
    return value;
  }

  override async has(key: Key): Promise<boolean> {
    return (await this.#read(key.toString())) !== undefined;
  }

  /** LevelDatastore applies filters, orders and limits to this. */
  override async *_query(...query: Parameters<LevelDatastore['_query']>): AsyncGenerator<Pair> {
    await this.#reopening;
    try {
      for await (const { key, value } of super._query(...query)) {
        const text = key.toString();
        if (text === FORMAT_KEY || this.#unwritten.get(text) === null) continue;
        const sealed = this.#unwritten.get(text) ?? value;
        const opened = sealed && unseal(sealed);
        if (opened !== null) yield { key, value: opened };
      }
    } catch (error) {
      await this.#noteDamage(error);
    }
  }

  override async close(): Promise<void> {
    clearTimeout(this.#retry);
    await this.#reopening;
    await super.close();
  }

  /** libp2p calls this when all its parts have stopped. */
  async afterStop(): Promise<void> {
    await this.close();
  }

  // libp2p calls the hook above on parts that have both of these.
  start(): void {}
  stop(): void {}

  /** Opens the store and reads all of it; returns why it cannot be used, or null. */
  async #openSound(isNew: boolean): Promise<string | null> {
    try {
      await this.open();
      if (isNew) await this.db.put(FORMAT_KEY, FORMAT);
      if (!(await exists(markOf(this.folder)))) return await this.#check();
      await this.db.close();
      return 'an earlier run could not read all of it';
    } catch (cause) {
      await this.db.close();
      const code = codeOf(cause);
      if (code === 'LEVEL_LOCKED')
        throw new Error(`${this.folder} is in use: another p2p-node runs on this data folder.`, { cause });
      return `it cannot be opened: ${code ?? String(cause)}`;
    }
  }

  async #create(): Promise<void> {
    await this.open();
    await this.db.put(FORMAT_KEY, FORMAT);
  }

  async #check(): Promise<string | null> {
    const damaged: string[] = [];
    let isCurrent = false;
    for await (const [key, value] of this.db.iterator()) {
      if (key === FORMAT_KEY) isCurrent = FORMAT.every((byte, index) => value[index] === byte);
      else if (!unseal(value)) damaged.push(key);
    }
    if (!isCurrent) {
      await this.db.close();
      return 'it has another format';
    }
    for (const key of damaged) await this.db.del(key);
    if (damaged.length > 0) this.log.damaged(`${damaged.length} entries are damaged`);
    return null;
  }

  async #read(key: string): Promise<Uint8Array | undefined> {
    await this.#reopening;
    try {
      const sealed = this.#unwritten.has(key) ? this.#unwritten.get(key) : await this.db.get(key);
      return (sealed && unseal(sealed)) ?? undefined;
    } catch (error) {
      await this.#noteDamage(error);
      return undefined;
    }
  }

  async #write(key: string, sealed: Uint8Array | null): Promise<void> {
    await this.#reopening;
    try {
      await (sealed ? this.db.put(key, sealed) : this.db.del(key));
      this.#unwritten.delete(key);
    } catch (error) {
      if (!isFailure(error)) throw error;
      this.#keep(key, sealed, error);
    }
  }

  /** What cannot be read counts as not there, and the next start replaces the store. */
  async #noteDamage(error: unknown): Promise<void> {
    if (!isFailure(error)) throw error;
    if (this.#isMarked || codeOf(error) === CLOSED_CODE) return;
    this.#isMarked = true;
    this.log.damaged(`some of it cannot be read: ${codeOf(error)}`);
    await writeFile(markOf(this.folder), '').catch(() => {}); // then the next start finds the damage by itself
  }

  #keep(key: string, sealed: Uint8Array | null, error: unknown): void {
    if (this.#unwritten.size === 0) this.log.unwritable(codeOf(error) ?? String(error));
    this.#unwritten.set(key, sealed);
    if (this.#unwritten.size > MAX_UNWRITTEN)
      this.#unwritten.delete(this.#unwritten.keys().next().value as string);
    this.#retry ??= setTimeout(() => void this.#writeAgain(), this.retryAfterMs).unref();
  }

  /** LevelDB takes no more writes after a failure until it is opened again; that needs room on the disk. */
  async #writeAgain(): Promise<void> {
    this.#retry = undefined;
    try {
      await probe(this.folder);
      this.#reopening = this.db.close().then(() => this.open());
      await this.#reopening;
      for (const [key, sealed] of [...this.#unwritten]) await this.#write(key, sealed);
    } catch {
      // It stays as it is until the next try.
    }
    this.#reopening = Promise.resolve();
    if (this.#unwritten.size === 0) this.log.writableAgain();
    else this.#retry ??= setTimeout(() => void this.#writeAgain(), this.retryAfterMs).unref();
  }
}

const markOf = (folder: string): string => `${folder}.damaged-in-use`;

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Rejects where the disk takes no more bytes. */
async function probe(folder: string): Promise<void> {
  const file = `${folder}.probe`;
  try {
    await writeFile(file, new Uint8Array(PROBE_BYTES), { flush: true });
  } finally {
    await rm(file, { force: true });
  }
}

/** Puts a new store in the place of a damaged one, which stays when there can be no new one, as on a full disk. */
async function replace(folder: string, create: () => Promise<void>): Promise<void> {
  const aside = `${folder}.damaged`;
  await rm(aside, { recursive: true, force: true });
  if (await exists(folder)) await rename(folder, aside);
  try {
    await create();
  } catch (cause) {
    await rm(folder, { recursive: true, force: true });
    if (await exists(aside)) await rename(aside, folder);
    throw new Error(`${folder} is damaged, and no new one can be created: ${codeOf(cause)}.`, { cause });
  }
  await rm(aside, { recursive: true, force: true });
  await rm(markOf(folder), { force: true });
}

const isFailure = (error: unknown): boolean =>
  FAILURE_CODES.has(codeOf(error) ?? '') || codeOf(error) === CLOSED_CODE;

/** The code of the first cause. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return codeOf(error.cause) ?? (error as NodeJS.ErrnoException).code;
}
