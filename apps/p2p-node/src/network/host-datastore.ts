import { existsSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { type ReadModel, isDamage, openReadModel } from '@allibrary/platform';
import { NotFoundError } from '@libp2p/interface';
import { BaseDatastore } from 'datastore-core';
import { Key, type Pair, type Query } from 'interface-datastore';

/** Is informed of what happened to the store. */
export interface DatastoreLog {
  /** The store, or an entry of it, is lost. The network brings it again. */
  damaged(reason: string): void;
  /** The store cannot be written, for example because the disk is full. It goes on in memory, and tries again. */
  unwritable(reason: string): void;
  writableAgain(): void;
}

const RETRY_AFTER_MS = 20_000;
const MAX_UNWRITTEN = 5_000;
/** Identities cost nothing: beyond this number, entries are deleted. */
const MOST_ENTRIES = 20_000;
/** Writes between two looks at the number of entries. */
const TRIM_EVERY = 500;
/** Key of an entry that every store has but a new one; keys of libp2p begin with a slash. */
const MARK = 'opened before';
/** SQLite's result code for a file that another process has locked. */
const BUSY = 5;

/**
 * What the host remembers between two runs: peers and their addresses. SQLite notices damage of its pages; each value
 * also has its own checksum. The store belongs to one process, and closes when the host stops.
 */
export class HostDatastore extends BaseDatastore {
  /** Entries that could not be written; null stands for a deletion. */
  readonly #unwritten = new Map<string, Uint8Array | null>();
  #retry: NodeJS.Timeout | undefined;
  #writes = 0;
  /** Keys that are never deleted for lack of room: those of this node and of connected peers. */
  keysInUse: () => ReadonlySet<string> = () => new Set();

  private constructor(
    private model: ReadModel,
    private readonly file: string,
    private readonly log: DatastoreLog,
    private readonly retryAfterMs: number,
    private readonly mostEntries: number,
  ) {
    super();
  }

  /** Opens the store. A damaged one is replaced by an empty one; one that another process has open is an error. */
  static open(
    file: string,
    log: DatastoreLog,
    retryAfterMs = RETRY_AFTER_MS,
    mostEntries = MOST_ENTRIES,
  ): HostDatastore {
    const isNew = !existsSync(file);
    const model = openLocked(file);
    const { changes } = model.prepare('INSERT OR IGNORE INTO entry VALUES (?, ?, ?)').run(MARK, Uint8Array.of(), 0);
    if (changes === 1 && !isNew) log.damaged('it could not be read');
    return new HostDatastore(model, file, log, retryAfterMs, mostEntries);
  }

  override async put(key: Key, value: Uint8Array): Promise<Key> {
    this.#write(key.toString(), value);
    return key;
  }

  override async delete(key: Key): Promise<void> {
    this.#write(key.toString(), null);
  }

  override async get(key: Key): Promise<Uint8Array> {
    const value = this.#read(key.toString());
    if (!value) throw new NotFoundError();
    return value;
  }

  override async has(key: Key): Promise<boolean> {
    return this.#read(key.toString()) !== null;
  }

  override async *_all({ prefix = '' }: Query): AsyncGenerator<Pair> {
    const keys = new Set([...this.#keys(), ...this.#unwritten.keys()]);
    for (const key of keys) {
      const value = key.startsWith(prefix) ? this.#read(key) : null;
      if (value) yield { key: new Key(key), value };
    }
  }

  override async *_allKeys({ prefix = '' }: { prefix?: string }): AsyncGenerator<Key> {
    for await (const { key } of this._all({ prefix })) yield key;
  }

  /** libp2p calls this when all its parts have stopped. */
  afterStop(): void {
    clearTimeout(this.#retry);
    this.model.close();
  }

  // libp2p calls the hook above on parts that have both of these.
  start(): void {}
  stop(): void {}

  #keys(): string[] {
    const rows = this.#whole(() => this.model.prepare('SELECT key FROM entry WHERE key <> ?').all(MARK)) ?? [];
    return rows.map((row) => String(row['key']));
  }

  #read(key: string): Uint8Array | null {
    if (this.#unwritten.has(key)) return this.#unwritten.get(key) ?? null;
    const row = this.#whole(() => this.model.prepare('SELECT value, checksum FROM entry WHERE key = ?').get(key));
    if (!row) return null;
    const value = row['value'] as Uint8Array;
    if (crc32(value) === row['checksum']) return value;
    this.log.damaged(`the checksum of ${key} is wrong`);
    this.#write(key, null);
    return null;
  }

  /** Runs a query; damage replaces the store at once, and counts as nothing found. */
  #whole<T>(query: () => T): T | undefined {
    try {
      return query();
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#replace(error);
      return undefined;
    }
  }

  #write(key: string, value: Uint8Array | null): void {
    if (!this.model.db.isOpen) return; // libp2p still writes when its parts have stopped
    try {
      if (this.#unwritten.size > 0) throw new Error('earlier entries wait');
      this.#store(key, value);
    } catch (error) {
      if (isDamage(error)) this.#replace(error);
      this.#keep(key, value, error);
    }
  }

  #store(key: string, value: Uint8Array | null): void {
    if (!value) this.model.prepare('DELETE FROM entry WHERE key = ?').run(key);
    else this.model.prepare('INSERT OR REPLACE INTO entry VALUES (?, ?, ?)').run(key, value, crc32(value));
    this.#writes += 1;
    if (this.#writes % Math.min(TRIM_EVERY, this.mostEntries) === 0) this.#trim();
  }

  /** Deletes entries taken by chance, beyond the number that is kept: a flood of new ones hits mostly its own. */
  #trim(): void {
    const keys = this.model.prepare('SELECT key FROM entry WHERE key <> ? ORDER BY random()').all(MARK);
    const inUse = this.keysInUse();
    const removable = keys.map((row) => String(row['key'])).filter((key) => !inUse.has(key));
    const remove = this.model.prepare('DELETE FROM entry WHERE key = ?');
    for (const key of removable.slice(0, Math.max(0, keys.length - this.mostEntries))) remove.run(key);
  }

  #keep(key: string, value: Uint8Array | null, error: unknown): void {
    if (this.#unwritten.size === 0) this.log.unwritable(String(error));
    this.#unwritten.set(key, value);
    if (this.#unwritten.size > MAX_UNWRITTEN) this.#unwritten.delete(this.#unwritten.keys().next().value as string);
    this.#retry ??= setTimeout(() => this.#writeAgain(), this.retryAfterMs).unref();
  }

  #writeAgain(): void {
    this.#retry = undefined;
    try {
      this.model.transaction(() => {
        for (const [key, value] of this.#unwritten) this.#store(key, value);
      });
      this.#unwritten.clear();
      this.log.writableAgain();
    } catch {
      this.#retry = setTimeout(() => this.#writeAgain(), this.retryAfterMs).unref();
    }
  }

  #replace(error: unknown): void {
    this.log.damaged(String(error));
    this.model.discard();
    this.model.close();
    this.model = openLocked(this.file);
  }
}

function openLocked(file: string): ReadModel {
  try {
    const model = openReadModel({
      file,
      version: 1,
      schema: `CREATE TABLE entry (key TEXT PRIMARY KEY, value BLOB NOT NULL, checksum INTEGER NOT NULL) WITHOUT ROWID`,
    });
    model.db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT');
    return model;
  } catch (cause) {
    const code = Number((cause as { errcode?: number }).errcode ?? 0) & 0xff;
    if (code === BUSY) throw new Error(`${file} is in use: another p2p-node runs on this data folder.`, { cause });
    throw new Error(`${file} cannot be opened: ${String(cause)}. Check the rights of its folder and the disk.`, {
      cause,
    });
  }
}
