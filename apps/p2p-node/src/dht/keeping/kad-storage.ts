import { setTimeout as delay } from 'node:timers/promises';
import { NotFoundError, type PeerStore } from '@libp2p/interface';
import type { KadDHTComponents } from '@libp2p/kad-dht';
import { peerIdFromString } from '@libp2p/peer-id';
import { base32 } from 'multiformats/bases/base32';
import { Pace } from './pace.ts';
import { type ProviderRecords, TooManyRecords } from './provider-records.ts';

type Datastore = KadDHTComponents['datastore'];
type Key = Parameters<Datastore['put']>[0];
type Pair = { key: Key; value: Uint8Array };

/** Why a peer's record was refused. */
export const RECORD_REFUSALS = ['too-many-records', 'too-fast', 'strange-key'] as const;
export type RecordRefusal = (typeof RECORD_REFUSALS)[number];

/** Called when a record is refused; the peer that sent it loses the connection. */
export type OnRecordRefused = (peerId: string, reason: RecordRefusal) => void;

const RECORDS_PER_SECOND = 5_000;
const RECORD_BURST = 10_000;
/** A peer that would have to wait longer has sent far too many at once; each waiting record takes memory. */
const LONGEST_WAIT_MS = 2_000;
const EXPIRE_EVERY_MS = 60_000;
const SHA_256 = [0x12, 0x20];
const PROVIDERS = 'provider';

/** A peer whose record is refused loses the stream. */
class RecordRefused extends Error {
  override readonly name = 'RecordRefused';
}

/**
 * What kad-dht takes for its datastore. It keeps records of providers, of keys that a document can have, and nothing else:
 * other values could be stored by anybody, and nobody here asks for them. kad-dht waits for each record to be stored before
 * it reads the next one, so a peer that sends too many is slowed down by the wait.
 */
export class KadStorage {
  readonly #pace = new Pace({ perSecond: RECORDS_PER_SECOND, burst: RECORD_BURST });
  #isStopped = false;
  #expiry: NodeJS.Timeout | undefined;

  constructor(
    private readonly records: ProviderRecords,
    private readonly peers: PeerStore,
    private readonly onRefused: OnRecordRefused,
  ) {}

  /** How many records are kept. */
  get size(): number {
    return this.records.size;
  }

  /** The peers that are kept for a key, named by its SHA-256. */
  providersOf(digest: Uint8Array): string[] {
    return this.records.providersOf(digest);
  }

  async put(key: Key): Promise<Key> {
    const { kind, digest, peerId } = partsOf(key.toString());
    if (kind !== PROVIDERS || !peerId) return key;
    if (!digest) return this.#refuse(peerId, 'strange-key');
    const waitMs = this.#pace.waitMs(peerId, performance.now());
    if (waitMs > LONGEST_WAIT_MS) return this.#refuse(peerId, 'too-fast');
    if (waitMs > 0) await delay(waitMs, undefined, { ref: false });
    if (this.#isStopped) throw new RecordRefused('this node stops');
    try {
      this.records.add(digest, peerId);
    } catch (error) {
      if (error instanceof TooManyRecords) return this.#refuse(peerId, 'too-many-records');
      throw error;
    }
    return key;
  }

  async get(): Promise<Uint8Array> {
    throw new NotFoundError('this DHT holds no values');
  }

  async delete(): Promise<void> {}

  /** The providers of a key that can be dialled. kad-dht refuses to answer at all when it does not know one of them. */
  async *query({ prefix = '' }: { prefix?: string }): AsyncGenerator<Pair> {
    const { digest } = partsOf(prefix);
    if (!digest) return; // kad-dht looks for what has expired; that is done here
    for (const peerId of this.records.providersOf(digest)) {
      // It reads the text of a key only, and the time not at all.
      const key = { toString: () => `${prefix}/${peerId}` } as Key;
      if (await this.#isKnown(peerId)) yield { key, value: Uint8Array.of(0) };
    }
  }

  start(): void {
    this.#expiry = setInterval(() => this.records.expire(), EXPIRE_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.#expiry);
    this.#isStopped = true;
  }

  /** libp2p calls this when all its parts have stopped. */
  afterStop(): void {
    this.records.close();
  }

  async #isKnown(peerId: string): Promise<boolean> {
    return this.peers.has(peerIdFromString(peerId));
  }

  #refuse(peerId: string, reason: RecordRefusal): never {
    this.onRefused(peerId, reason);
    throw new RecordRefused(reason);
  }
}

/** The parts of `/dht/provider/<multihash in base32>/<peer id>`; no digest when it is none of SHA-256. */
function partsOf(key: string): { kind: string | undefined; digest: Uint8Array | null; peerId: string | undefined } {
  const [, , kind, hash = '', peerId] = key.split('/');
  const multihash = hash === '' ? new Uint8Array(0) : base32.baseDecode(hash);
  const isSha256 = multihash.length === 34 && SHA_256.every((byte, index) => multihash[index] === byte);
  return { kind, digest: isSha256 ? multihash.subarray(2) : null, peerId };
}
