import { type ReadModel, openReadModel } from '@allibrary/platform';
import { type AdmissionLimits, FairAdmission } from '../../gate/fair-admission.ts';
import { RECORD_LIFE_MS } from '../record-life.ts';

/** How many records are kept, of how many peers, and how many providers of one key are named. */
export interface RecordLimits {
  readonly perPeer: number;
  readonly perSubnet: number;
  readonly total: number;
  /** Peers whose records are kept; the holder is a peer. */
  readonly peers: AdmissionLimits;
  readonly perAnswer: number;
}

/** About 100 bytes of disk a record. */
export const RECORD_LIMITS: RecordLimits = {
  perPeer: 1_000_000,
  perSubnet: 1_500_000,
  total: 3_000_000,
  peers: { perHolder: 1, perSubnet: 1_000, inTotal: 20_000 },
  perAnswer: 100,
};

const STORE_AFTER_MS = 100;
const STORE_AFTER_RECORDS = 1_000;
const AT_A_TIME = 10_000;
/** Peers whose expired records are looked for at a time. */
const PEERS_AT_A_TIME = 500;
/** How much more room is made than is needed, so that it need not be made for each record. */
const SPARE = 0.01;

/** A peer sent more records than one peer, or its subnet, may have. */
export class TooManyRecords extends Error {
  override readonly name = 'TooManyRecords';
}

/** Opens the file of the records that this node keeps for others. */
export const openRecordsReadModel = (file: string): ReadModel =>
  openReadModel({
    file,
    version: 2,
    // A peer without an id has lost its place: its records are no longer named, and are deleted piece by piece.
    schema: `
      CREATE TABLE peer (number INTEGER PRIMARY KEY, peer_id TEXT UNIQUE, subnet TEXT NOT NULL);
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
  readonly subnet: string;
  count: number;
}

/** A peer that provides a key, and the subnet from which it sent the record. */
export interface Provider {
  readonly peerId: string;
  readonly subnet: string;
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
  /** Holders that lost their place to others. */
  readonly #dropped = new Set<Holder>();
  readonly #places: FairAdmission<string>;
  #expiring: Iterator<[string, Holder]> | undefined;
  readonly #ofSubnet = new Map<string, number>();
  #waiting: NewRecord[] = [];
  #stored = 0;
  /** The holder with most records when the total was last full. */
  #largest: Holder | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly model: ReadModel,
    private readonly limits: RecordLimits,
    private readonly now: () => number,
  ) {
    this.#places = new FairAdmission(limits.peers);
    this.#bringBack();
    const rows = model.db.prepare(
      'SELECT number, peer_id, subnet, (SELECT count(*) FROM record WHERE peer = number) AS count FROM peer',
    );
    for (const row of rows.all()) {
      const holder = { number: Number(row['number']), subnet: String(row['subnet']), count: 0 };
      this.#count(holder, Number(row['count']));
      if (row['peer_id'] === null) this.#dropped.add(holder);
      else this.#place(String(row['peer_id']), holder);
    }
  }

  /** How many records are kept. */
  get size(): number {
    return this.#stored + this.#waiting.length;
  }

  /** Keeps or renews the record that a peer provides a key, named by its SHA-256; throws {@link TooManyRecords}. */
  add(digest: Uint8Array, provider: Provider): void {
    const holder = this.#holders.get(provider.peerId) ?? this.#admit(provider);
    if (this.#hasNoRoomFor(holder) && !this.#has(digest, holder)) {
      const { perPeer, perSubnet, total } = this.limits;
      throw new TooManyRecords(`the limits are ${perPeer} of a peer, ${perSubnet} of a subnet and ${total} in total`);
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
         WHERE digest = ? AND at_seconds >= ? AND peer_id IS NOT NULL ORDER BY at_seconds DESC LIMIT ?`,
      )
      .all(digest, oldest, this.limits.perAnswer)
      .map((row) => String(row['peer_id']));
  }

  /** Deletes some of the expired records, and some of the peers that lost their place. */
  expire(): void {
    const [dropped] = this.#dropped;
    if (dropped) this.#forgetDropped(dropped);
    const oldest = this.#seconds() - RECORD_LIFE_MS / 1_000;
    this.#expiring ??= this.#holders.entries();
    for (let checked = 0; checked < PEERS_AT_A_TIME; checked++) {
      const next = this.#expiring.next();
      if (next.done) {
        this.#expiring = undefined;
        return;
      }
      this.#expireHolder(...next.value, oldest);
    }
  }

  #expireHolder(peerId: string, holder: Holder, oldest: number): void {
    this.#forget(holder, 'AND at_seconds < ?', oldest);
    if (holder.count > 0 || this.#waiting.some((record) => record.holder === holder)) return;
    this.#holders.delete(peerId);
    this.#places.release(peerId);
    this.model.db.prepare('DELETE FROM peer WHERE number = ?').run(holder.number);
  }

  #forgetDropped(holder: Holder): void {
    this.#forget(holder, 'LIMIT ?', AT_A_TIME);
    if (holder.count > 0) return;
    this.#dropped.delete(holder);
    this.model.db.prepare('DELETE FROM peer WHERE number = ?').run(holder.number);
  }

  /** Writes the records that are still in memory. */
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
        this.#count(holder, 1);
      }
    });
    this.#makeRoom();
  }

  close(): void {
    if (this.model.db.isOpen) this.store();
    this.model.close();
  }

  #admit({ peerId, subnet }: Provider): Holder {
    const { lastInsertRowid } = this.model.db
      .prepare('INSERT INTO peer (peer_id, subnet) VALUES (?, ?)')
      .run(peerId, subnet);
    const holder = { number: Number(lastInsertRowid), count: 0, subnet };
    this.#place(peerId, holder);
    return holder;
  }

  /** Gives a peer a place. When all are taken, the oldest peer of the fullest subnet loses its place. */
  #place(peerId: string, holder: Holder): void {
    const admission = this.#places.admit(peerId, { holder: peerId, subnet: holder.subnet });
    this.#holders.set(peerId, holder);
    const evicted = 'evicted' in admission ? this.#holders.get(admission.evicted) : undefined;
    if (!evicted || !('evicted' in admission)) return;
    this.#holders.delete(admission.evicted);
    this.#dropped.add(evicted);
    this.model.db.prepare('UPDATE peer SET peer_id = NULL WHERE number = ?').run(evicted.number);
  }

  /** A peer at its limit has no room; when the total is full, neither has the peer with the most records. */
  #hasNoRoomFor(holder: Holder): boolean {
    const waiting = this.#waiting.length;
    const { perPeer, perSubnet, total } = this.limits;
    const ofSubnet = () => this.#ofSubnet.get(holder.subnet) ?? 0;
    const isNear =
      holder.count + waiting >= perPeer || ofSubnet() + waiting >= perSubnet || this.#stored + waiting >= total;
    if (isNear && waiting > 0) this.store();
    if (holder.count >= perPeer || ofSubnet() >= perSubnet) return true;
    return this.#stored >= total && holder === this.#largest;
  }

  #has(digest: Uint8Array, { number }: Holder): boolean {
    return (
      this.model.db.prepare('SELECT 1 FROM record WHERE digest = ? AND peer = ?').get(digest, number) !== undefined
    );
  }

  /** Deletes the oldest records of the peer with the most, also of one without a place: a flood displaces only its own records. */
  #makeRoom(): void {
    while (this.#stored >= this.limits.total) {
      this.#largest = [...this.#dropped, ...this.#holders.values()].reduce((a, b) => (b.count > a.count ? b : a));
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
    this.#count(holder, -Number(changes));
  }

  #count(holder: Holder, difference: number): void {
    holder.count += difference;
    this.#stored += difference;
    const ofSubnet = (this.#ofSubnet.get(holder.subnet) ?? 0) + difference;
    if (ofSubnet > 0) this.#ofSubnet.set(holder.subnet, ofSubnet);
    else this.#ofSubnet.delete(holder.subnet);
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
