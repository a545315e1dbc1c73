import { describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import { CID } from 'multiformats/cid';
import { merge } from './merge.ts';
import type { Libp2pHost } from '../network/libp2p-host.ts';
import type { LibraryPeers } from './library-peers.ts';

/** The DHT answers in steps, some of them through nodes that are gone. */
const DHT_LIMIT_MS = 10_000;

/** Finds the sources of a document: asks the connected libraries and the DHT in parallel. */
export class SourceFinder {
  constructor(
    private readonly host: Libp2pHost,
    private readonly libraries: LibraryPeers,
    private readonly logger: Logger,
  ) {}

  /** Peer ids, each once and never our own, until the limit or the signal ends it. */
  async *find(documentId: string, limit: number, signal: AbortSignal): AsyncGenerator<{ peerId: string }> {
    const found = new Set([this.host.peerId.toString()]);
    const enough = new AbortController();
    const until = AbortSignal.any([signal, enough.signal]);
    try {
      for await (const peerId of merge(this.libraries.holding(documentId, until), this.#onDht(documentId, until))) {
        if (found.has(peerId)) continue;
        found.add(peerId);
        yield { peerId };
        if (found.size > limit) return;
      }
    } finally {
      enough.abort();
    }
  }

  /** Providers by the DHT; contentRouting puts their addresses into the peer store, so that they can be dialled. */
  async *#onDht(documentId: string, until: AbortSignal): AsyncGenerator<string, void> {
    if (this.host.services.dht.routingTable.size === 0) return; // the query would only wait for somebody to ask
    const signal = AbortSignal.any([until, AbortSignal.timeout(DHT_LIMIT_MS)]);
    try {
      const providers = this.host.contentRouting.findProviders(CID.parse(documentId), { signal });
      for await (const { id } of providers) yield id.toString();
    } catch (error) {
      this.logger.debug({ documentId, error: describeError(error) }, 'DHT query for providers failed');
    }
  }
}
