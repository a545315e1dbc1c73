import { type ReadModel, openReadModel } from '@allibrary/platform';
import { RECORD_LIFE_MS } from '../record-life.ts';

/** How many records are kept, of one peer and of all, and how many providers of one key are named. */
export interface RecordLimits {
  readonly perPeer: number;
  readonly total: number;
  readonly perAnswer: number;
}

/** About 100 bytes of disk a record. */
export const RECORD_LIMITS: RecordLimits = { perPeer: 1_000_000, total: 3_000_000, perAnswer: 100 };

const STORE_AFTER_MS = 100;
const STORE_AFTER_RECORDS = 1_000;
const AT_A_TIME = 10_000;
/** How much more room is made than is needed, so that it need not be made for each record. */
const SPARE = 0.01;

/** A peer that asks us to keep more records than any peer may have. */
export class TooManyRecords extends Error {
  override readonly name = 'TooManyRecords';
}

/** Opens the file of the records that this node keeps for others. */
export const openRecordsReadModel = (file: string): ReadModel =>
  openReadModel({
    file,
    version: 1,
    schema: `
      CREATE TABLE peer (number INTEGER PRIMARY KEY, peer_id TEXT NOT NULL UNIQUE);
      CREATE TABLE record (
        digest BLOB NOT NULL,
        peer INTEGER NOT NULL,
        at_seconds INTEGER NOT NULL,
        PRIMARY KEY (digest, peer)
      ) WITHOUT ROWID;
      CREATE INDEX record_age ON record (peer, at_seconds);
    `,
  });

interface Holder {
  readonly number: number;
  count: number;
}

interface NewRecord {
  readonly digest: Uint8Array;
  readonly holder: Holder;
  readonly atSeconds: number;
}

/**
 * Provider records stored for other nodes: bounded for each peer and in total. Records are stored in bursts; one
 * that a crash takes with it is still kept by the other nodes that are close to its key.
 */
export class ProviderRecords {
  readonly #holders = new Map<string, Holder>();
  #waiting: NewRecord[] = [];
  #stored = 0;
  /** Who had the most when all room was taken. */
  #largest: Holder | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly model: ReadModel,
    private readonly limits: RecordLimits,
    private readonly now: () => number,
  ) {
    this.#bringBack();
    const rows = model.db.prepare(
      'SELECT number, peer_id, (SELECT count(*) FROM record WHERE peer = number) AS count FROM peer',
    );
    for (const row of rows.all()) {
      const holder = { number: Number(row['number']), count: Number(row['count']) };
      this.#holders.set(String(row['peer_id']), holder);
      this.#stored += holder.count;
    }
  }

  /** How many records are kept. */
  get size(): number {
    return this.#stored + this.#waiting.length;
  }

  /** Keeps or renews the record that a peer provides a key, named by its SHA-256; throws {@link TooManyRecords}. */
  add(digest: Uint8Array, peerId: string): void {
    const holder = this.#holders.get(peerId) ?? this.#admit(peerId);
    if (this.#hasNoRoomFor(holder) && !this.#has(digest, holder)) {
      throw new TooManyRecords(`of a peer ${this.limits.perPeer} are kept, in total ${this.limits.total}`);
    }
    this.#waiting.push({ digest, holder, atSeconds: this.#seconds() });
    if (this.#waiting.length >= STORE_AFTER_RECORDS) this.store();
    else this.#timer ??= setTimeout(() => this.store(), STORE_AFTER_MS).unref();
  }

  /** Providers of a key, the latest record first. */
  providersOf(digest: Uint8Array): string[] {
    this.store();
    const oldest = this.#seconds() - RECORD_LIFE_MS / 1_000;
    return this.model.db
      .prepare(
        `SELECT peer_id FROM record JOIN peer ON number = peer
         WHERE digest = ? AND at_seconds >= ? ORDER BY at_seconds DESC LIMIT ?`,
      )
      .all(digest, oldest, this.limits.perAnswer)
      .map((row) => String(row['peer_id']));
  }

  /** Forgets some of the records whose life is over. */
  expire(): void {
    const oldest = this.#seconds() - RECORD_LIFE_MS / 1_000;
    for (const [peerId, holder] of this.#holders) {
      this.#forget(holder, 'AND at_seconds < ?', oldest);
      if (holder.count > 0 || this.#waiting.some((record) => record.holder === holder)) continue;
      this.#holders.delete(peerId);
      this.model.db.prepare('DELETE FROM peer WHERE number = ?').run(holder.number);
    }
  }

  /** Writes down what was kept in memory until now. */
  store(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    const records = this.#waiting;
    this.#waiting = [];
    const renew = this.model.db.prepare('UPDATE record SET at_seconds = ? WHERE digest = ? AND peer = ?');
    const insert = this.model.db.prepare('INSERT INTO record (at_seconds, digest, peer) VALUES (?, ?, ?)');
    this.model.transaction(() => {
      for (const { digest, holder, atSeconds } of records) {
        if (renew.run(atSeconds, digest, holder.number).changes) continue;
        insert.run(atSeconds, digest, holder.number);
        holder.count += 1;
        this.#stored += 1;
      }
    });
    this.#makeRoom();
  }

  close(): void {
    if (this.model.db.isOpen) this.store();
    this.model.close();
  }

  #admit(peerId: string): Holder {
    const { lastInsertRowid } = this.model.db.prepare('INSERT INTO peer (peer_id) VALUES (?)').run(peerId);
    const holder = { number: Number(lastInsertRowid), count: 0 };
    this.#holders.set(peerId, holder);
    return holder;
  }

  /** A peer at its limit has no room; when the total is full, neither has the peer with the most records. */
  #hasNoRoomFor(holder: Holder): boolean {
    const waiting = this.#waiting.length;
    const isNear = holder.count + waiting >= this.limits.perPeer || this.#stored + waiting >= this.limits.total;
    if (isNear && waiting > 0) this.store();
    return holder.count >= this.limits.perPeer || (this.#stored >= this.limits.total && holder === this.#largest);
  }

  #has(digest: Uint8Array, { number }: Holder): boolean {
    return (
      this.model.db.prepare('SELECT 1 FROM record WHERE digest = ? AND peer = ?').get(digest, number) !== undefined
    );
  }

  /** Deletes the oldest records of the peer with the most: a flood displaces only its own records. */
  #makeRoom(): void {
    while (this.#stored >= this.limits.total) {
      this.#largest = [...this.#holders.values()].reduce((a, b) => (b.count > a.count ? b : a));
      if (this.#stored === this.limits.total) return;
      this.#forget(this.#largest, 'LIMIT ?', Math.floor(this.#stored - this.limits.total * (1 - SPARE)));
    }
  }

  #forget(holder: Holder, which: 'AND at_seconds < ?' | 'LIMIT ?', value: number): void {
    const some = which === 'LIMIT ?' ? `ORDER BY at_seconds ${which}` : `${which} LIMIT ${AT_A_TIME}`;
    const { changes } = this.model.db
      .prepare(
        `DELETE FROM record WHERE peer = ?1 AND digest IN (SELECT digest FROM record WHERE peer = ?1 ${some.replace('?', '?2')})`,
      )
      .run(holder.number, value);
    holder.count -= Number(changes);
    this.#stored -= Number(changes);
  }

  /** Records that an earlier run stored while the clock was ahead count as stored now: else they would outlive all others. */
  #bringBack(): void {
    const now = this.#seconds();
    this.model.db.prepare('UPDATE record SET at_seconds = ?1 WHERE at_seconds > ?1').run(now);
  }

  #seconds(): number {
    return Math.floor(this.now() / 1_000);
  }
}
