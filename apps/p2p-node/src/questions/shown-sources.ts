import { describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import PQueue from 'p-queue';
import { merge } from './merge.ts';
import type { DhtLookups } from '../dht/dht-lookups.ts';
import type { Libp2pHost } from '../network/libp2p-host.ts';
import type { HeldByPeer, LibraryPeers } from './library-peers.ts';

/** DHT lookups at once, for the documents of all searches. More are slower, and the others are left to downloads. */
const CONCURRENCY = 4;
const DHT_LIMIT_MS = 10_000;
/** A document is looked up on the DHT once in this time: searches repeat. */
const REMEMBERED_MS = 10 * 60_000;
const MOST_REMEMBERED = 2_000;

interface Providers {
  readonly peerIds: readonly string[];
  readonly atMs: number;
}

/** A peer that has documents: confirmed by its own answer, or named by the DHT. */
export interface ShownSource extends HeldByPeer {
  readonly isConfirmed: boolean;
}

/** Finds the sources of the documents that a search shows: connected libraries, and others through the DHT. */
export class ShownSources {
  readonly #remembered = new Map<string, Providers>();
  readonly #queue = new PQueue({ concurrency: CONCURRENCY });

  constructor(
    private readonly host: Libp2pHost,
    private readonly libraries: LibraryPeers,
    private readonly lookups: DhtLookups,
    private readonly logger: Logger,
  ) {}

  /** Peers with documents that they have, never this node; each pair at most once from either, until the signal ends it. */
  async *find(documentIds: readonly string[], signal: AbortSignal): AsyncGenerator<ShownSource, void> {
    const own = this.host.peerId.toString();
    const found = new Set<string>();
    const onDht = documentIds.map((documentId) => this.#onDht(documentId, signal));
    const inLibraries = this.#inLibraries(documentIds, signal);
    for await (const { peerId, documentIds: held, isConfirmed } of merge(inLibraries, ...onDht)) {
      const pairs = held.map((documentId) => ({ documentId, pair: `${peerId} ${documentId} ${isConfirmed}` }));
      const fresh = pairs.filter(({ pair }) => !found.has(pair));
      for (const { pair } of fresh) found.add(pair);
      if (peerId !== own && fresh.length > 0)
        yield { peerId, documentIds: fresh.map(({ documentId }) => documentId), isConfirmed };
    }
  }

  async *#inLibraries(documentIds: readonly string[], signal: AbortSignal): AsyncGenerator<ShownSource, void> {
    for await (const held of this.libraries.holdingAny(documentIds, signal)) yield { ...held, isConfirmed: true };
  }

  async *#onDht(documentId: string, signal: AbortSignal): AsyncGenerator<ShownSource, void> {
    const known = this.#remembered.get(documentId);
    const isFresh = known !== undefined && performance.now() - known.atMs < REMEMBERED_MS;
    const peerIds = isFresh ? known.peerIds : await this.#lookUp(documentId, signal);
    for (const peerId of peerIds) yield { peerId, documentIds: [documentId], isConfirmed: false };
  }

  /** Providers by the DHT. A lookup that has started continues after the search, so that the next search has its result. */
  async #lookUp(documentId: string, signal: AbortSignal): Promise<readonly string[]> {
    if (this.host.services.dht.routingTable.size === 0) return []; // a lookup would only wait for a node to query
    const peerIds: string[] = [];
    const looking = this.#queue.add(async () => {
      const options = { limitMs: DHT_LIMIT_MS, signal, continues: true };
      for await (const peerId of this.lookups.providersOf(documentId, options)) peerIds.push(peerId);
      this.#remember(documentId, peerIds);
    });
    try {
      await untilAborted(looking, signal);
    } catch (error) {
      this.logger.debug({ documentId, error: describeError(error) }, 'DHT query for providers failed');
    }
    return peerIds;
  }

  #remember(documentId: string, peerIds: readonly string[]): void {
    this.#remembered.delete(documentId); // the latest comes last
    this.#remembered.set(documentId, { peerIds, atMs: performance.now() });
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > MOST_REMEMBERED && oldest !== undefined) this.#remembered.delete(oldest);
  }
}

async function untilAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = (): void => resolve();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  work.catch(() => {}); // it may fail after the wait has ended
  try {
    await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
