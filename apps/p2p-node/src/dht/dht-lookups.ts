import { CID } from 'multiformats/cid';
import type { Libp2pHost } from '../network/libp2p-host.ts';
import { PeerPacer } from '../protocols/peer-pacer.ts';
import { DHT_LOOKUP_LIMITS } from '../protocols/protocol-limits.ts';

/** All lookups share one rate: each of them queries other nodes, but all may query the same ones. */
const ALL = 'all';

/** How long a lookup may take, and what ends it. */
export interface LookupOptions {
  readonly limitMs: number;
  /** Ends the wait for the lookup's turn, and the lookup. */
  readonly signal: AbortSignal;
  /** Whether a lookup that has started continues after the signal, because its result is cached. */
  readonly continues?: boolean;
}

/** Runs this node's DHT lookups within {@link DHT_LOOKUP_LIMITS}, so that no node of the DHT is queried too often. */
export class DhtLookups {
  readonly #pacer: PeerPacer;

  constructor(
    private readonly host: Libp2pHost,
    now: () => number,
  ) {
    this.#pacer = new PeerPacer(DHT_LOOKUP_LIMITS, now);
  }

  /** Waits for the turn of one more lookup. The caller calls the result when the lookup has ended. */
  turn(signal: AbortSignal): Promise<() => void> {
    return this.#pacer.take(ALL, signal);
  }

  /** Ids of the peers that provide the document. Their addresses are in the peer store, so that they can be dialled. */
  async *providersOf(
    documentId: string,
    { limitMs, signal, continues = false }: LookupOptions,
  ): AsyncGenerator<string, void> {
    const release = await this.turn(signal);
    try {
      const limit = AbortSignal.timeout(limitMs);
      const until = continues ? limit : AbortSignal.any([signal, limit]);
      const providers = this.host.contentRouting.findProviders(CID.parse(documentId), { signal: until });
      for await (const { id } of providers) yield id.toString();
    } finally {
      release();
    }
  }
}
