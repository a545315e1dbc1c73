import { CID } from 'multiformats/cid';
import type { Libp2pHost } from '../network/libp2p-host.ts';
import { PeerPacer } from '../protocols/peer-pacer.ts';
import { DHT_LOOKUP_LIMITS } from '../protocols/protocol-limits.ts';

/** All lookups share one pace: each of them asks other nodes, but all may ask the same ones. */
const ALL = 'all';

/** Looks documents up on the DHT, only so many at once and a minute that no node of the DHT is asked too much. */
export class DhtLookups {
  readonly #pacer: PeerPacer;

  constructor(
    private readonly host: Libp2pHost,
    now: () => number,
  ) {
    this.#pacer = new PeerPacer(DHT_LOOKUP_LIMITS, now);
  }

  /** Waits for the turn of one more lookup; the result must be called when it has ended. */
  turn(signal: AbortSignal): Promise<() => void> {
    return this.#pacer.take(ALL, signal);
  }

  /** Ids of the peers that provide the document. Their addresses are in the peer store, so that they can be dialled. */
  async *providersOf(documentId: string, limitMs: number, until: AbortSignal): AsyncGenerator<string, void> {
    const release = await this.turn(until);
    try {
      const signal = AbortSignal.any([until, AbortSignal.timeout(limitMs)]);
      const providers = this.host.contentRouting.findProviders(CID.parse(documentId), { signal });
      for await (const { id } of providers) yield id.toString();
    } finally {
      release();
    }
  }
}
