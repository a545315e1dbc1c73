import { setTimeout as delay } from 'node:timers/promises';
import { describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import { merge } from './merge.ts';
import type { Libp2pHost } from '../network/libp2p-host.ts';
import type { DhtLookups } from '../dht/dht-lookups.ts';
import type { LibraryPeers, WantedDocument } from './library-peers.ts';

/** The DHT answers in steps, some of them through nodes that are gone. */
const DHT_LIMIT_MS = 10_000;
/**
 * The connected libraries answer sooner than the DHT. A small document that one of them holds is fetched within this
 * time, and costs the DHT nothing.
 */
const HEAD_START_MS = 2_000;

/** Finds the sources of a document: asks the connected libraries first, and then the DHT. */
export class SourceFinder {
  constructor(
    private readonly host: Libp2pHost,
    private readonly libraries: LibraryPeers,
    private readonly lookups: DhtLookups,
    private readonly logger: Logger,
  ) {}

  /** Peer ids, each once and never our own, until the limit or the signal ends it. */
  async *find(document: WantedDocument, limit: number, signal: AbortSignal): AsyncGenerator<{ peerId: string }> {
    const found = new Set([this.host.peerId.toString()]);
    const enough = new AbortController();
    const until = AbortSignal.any([signal, enough.signal]);
    const nobodyHolds = new AbortController();
    const headStart = delay(HEAD_START_MS, undefined, { signal: AbortSignal.any([until, nobodyHolds.signal]) });
    const inLibraries = this.#inLibraries(document, nobodyHolds, until);
    try {
      for await (const peerId of merge(inLibraries, this.#onDht(document.documentId, headStart, until))) {
        if (found.has(peerId)) continue;
        found.add(peerId);
        yield { peerId };
        if (found.size > limit) return;
      }
    } finally {
      enough.abort();
    }
  }

  async *#inLibraries(
    document: WantedDocument,
    nobodyHolds: AbortController,
    until: AbortSignal,
  ): AsyncGenerator<string, void> {
    let isHeld = false;
    for await (const peerId of this.libraries.holding(document, until)) {
      isHeld = true;
      yield peerId;
    }
    if (!isHeld) nobodyHolds.abort();
  }

  async *#onDht(documentId: string, headStart: Promise<void>, until: AbortSignal): AsyncGenerator<string, void> {
    await headStart.catch(() => {}); // it ended early
    if (until.aborted || this.host.services.dht.routingTable.size === 0) return; // a lookup would only wait for a node to query
    try {
      for await (const id of this.lookups.providersOf(documentId, { limitMs: DHT_LIMIT_MS, signal: until })) yield id;
    } catch (error) {
      this.logger.debug({ documentId, error: describeError(error) }, 'DHT query for providers failed');
    }
  }
}
