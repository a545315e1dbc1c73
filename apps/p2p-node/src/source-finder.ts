import { describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import { CID } from 'multiformats/cid';
import type { LibraryPeers } from './library-peers.ts';
import type { Libp2pHost } from './libp2p-host.ts';

/** Finds who holds a document: first the connected libraries, then the DHT. */
export class SourceFinder {
  constructor(
    private readonly host: Libp2pHost,
    private readonly libraries: LibraryPeers,
    private readonly logger: Logger,
  ) {}

  /** Peer ids, each once and never our own, until the limit or the signal ends it. */
  async *find(documentId: string, limit: number, signal: AbortSignal): AsyncGenerator<{ peerId: string }> {
    const found = new Set([this.host.peerId.toString()]);
    for await (const peerId of this.#everywhere(documentId, signal)) {
      if (found.has(peerId)) continue;
      found.add(peerId);
      yield { peerId };
      if (found.size > limit) return;
    }
  }

  async *#everywhere(documentId: string, signal: AbortSignal): AsyncGenerator<string> {
    yield* this.libraries.holding(documentId, signal);
    yield* this.#onDht(documentId, signal);
  }

  async *#onDht(documentId: string, signal: AbortSignal): AsyncGenerator<string> {
    try {
      for await (const { id, multiaddrs } of this.host.contentRouting.findProviders(CID.parse(documentId), {
        signal,
      })) {
        await this.host.peerStore.merge(id, { multiaddrs });
        yield id.toString();
      }
    } catch (error) {
      this.logger.debug({ documentId, error: describeError(error) }, 'the DHT could not be asked to its end');
    }
  }
}
