import { setTimeout as delay } from 'node:timers/promises';
import { describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import { CID } from 'multiformats/cid';
import type { Announcements } from './announcements.ts';
import { KAD_PROTOCOL, type Libp2pHost } from './libp2p-host.ts';

const TICK_MS = 1_000;
/** After so long, the network is looked at again before announcing goes on. */
const ROUND_MS = 10_000;
const AT_ONCE = 4;
const PROVIDE_LIMIT_MS = 20_000;
/** A record lives for 48 hours on the DHT; it is renewed well before. */
const RENEW_AFTER_MS = 22 * 3_600_000;
/** In a network of this size or less, every node keeps every record: a new one must be given them all (k of Kademlia). */
const SMALL_NETWORK = 20;

/** Keeps the documents that this node shares announced on the DHT. */
export class Announcer {
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #knownPeers = 0;

  constructor(
    private readonly host: Libp2pHost,
    private readonly announcements: Announcements,
    private readonly logger: Logger,
    private readonly now: () => number,
  ) {}

  /** Starts to announce, and goes on until it is closed. */
  start(): void {
    this.#running = this.#run(this.#stop.signal);
  }

  /** No longer announces a document; what other nodes keep of it expires by itself. */
  async withdraw(documentId: string): Promise<void> {
    await this.host.contentRouting.cancelReprovide(CID.parse(documentId));
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (; !signal.aborted; await delay(TICK_MS, undefined, { signal }).catch(() => {})) {
      const peers = await this.#dhtPeers();
      if (peers > this.#knownPeers && peers <= SMALL_NETWORK) this.announcements.forgetAnnouncements();
      this.#knownPeers = peers;
      if (peers > 0) await this.#announceDue(signal);
    }
  }

  /** Announces what is due in batches, for one round; what fails is due again in the next. */
  async #announceDue(signal: AbortSignal): Promise<void> {
    const endsAtMs = this.now() + ROUND_MS;
    while (!signal.aborted && this.now() < endsAtMs) {
      const due = this.announcements.due(this.now() - RENEW_AFTER_MS, AT_ONCE);
      const done = await Promise.all(due.map((documentId) => this.#announce(documentId, signal)));
      if (!done.some(Boolean)) return;
    }
  }

  async #announce(documentId: string, signal: AbortSignal): Promise<boolean> {
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(PROVIDE_LIMIT_MS)]);
      await this.host.contentRouting.provide(CID.parse(documentId), { signal: limit });
      this.announcements.announced(documentId, this.now());
      return true;
    } catch (error) {
      this.logger.debug(
        { documentId, error: describeError(error) },
        'a document could not be announced: it is tried again',
      );
      return false;
    }
  }

  async #dhtPeers(): Promise<number> {
    const peers = this.host.getPeers().map((peer) => this.host.peerStore.get(peer).catch(() => undefined));
    return (await Promise.all(peers)).filter((peer) => peer?.protocols.includes(KAD_PROTOCOL)).length;
  }
}
