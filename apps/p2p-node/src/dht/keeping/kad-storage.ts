import { NotFoundError, type PeerStore } from '@libp2p/interface';
import type { KadDHTComponents } from '@libp2p/kad-dht';
import { peerIdFromString } from '@libp2p/peer-id';
import { base32 } from 'multiformats/bases/base32';
import { type Provider, type ProviderRecords, TooManyRecords } from './provider-records.ts';

type Datastore = KadDHTComponents['datastore'];
type Key = Parameters<Datastore['put']>[0];
type Pair = { key: Key; value: Uint8Array };

/** Why a peer's record was refused. */
export const RECORD_REFUSALS = ['too-many-records', 'strange-key'] as const;
export type RecordRefusal = (typeof RECORD_REFUSALS)[number];

/** Called when a record is refused; the peer that sent it loses the connection. */
export type OnRecordRefused = (peerId: string, reason: RecordRefusal) => void;

const EXPIRE_EVERY_MS = 3_000;
const SHA_256 = [0x12, 0x20];

/** A peer whose record is refused loses the stream. */
class RecordRefused extends Error {
  override readonly name = 'RecordRefused';
}

/**
 * What kad-dht takes for its datastore. It keeps records of providers, of keys that a document can have, and nothing else:
 * other values could be stored by anybody, and nobody here asks for them.
 */
export class KadStorage {
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

  /** Keeps the record that a peer provides a key; throws, and reports the peer, when the record is refused. */
  keep(multihash: Uint8Array, provider: Provider): void {
    if (this.#isStopped) throw new RecordRefused('this node stops');
    if (!isSha256(multihash)) return this.#refuse(provider.peerId, 'strange-key');
    try {
      this.records.add(multihash.subarray(SHA_256.length), provider);
    } catch (error) {
      if (error instanceof TooManyRecords) return this.#refuse(provider.peerId, 'too-many-records');
      throw error;
    }
  }

  /** kad-dht stores values by this, which nobody here asks for. */
  async put(key: Key): Promise<Key> {
    return key;
  }

  async get(): Promise<Uint8Array> {
    throw new NotFoundError('this DHT holds no values');
  }

  async delete(): Promise<void> {}

  /** The providers of a key that can be dialled. kad-dht refuses to answer at all when it does not know one of them. */
  async *query({ prefix = '' }: { prefix?: string }): AsyncGenerator<Pair> {
    const digest = digestOf(prefix);
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

/** The digest in `/dht/provider/<multihash in base32>`; null when it is none of SHA-256. */
function digestOf(key: string): Uint8Array | null {
  const [, , , hash = ''] = key.split('/');
  const multihash = hash === '' ? new Uint8Array(0) : base32.baseDecode(hash);
  return isSha256(multihash) ? multihash.subarray(SHA_256.length) : null;
}

const isSha256 = (multihash: Uint8Array): boolean =>
  multihash.length === 34 && SHA_256.every((byte, index) => multihash[index] === byte);
