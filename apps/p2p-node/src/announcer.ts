import { setTimeout as delay } from 'node:timers/promises';
import { describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import { CID } from 'multiformats/cid';
import type { Announcements } from './announcements.ts';
import type { Libp2pHost } from './libp2p-host.ts';

const TICK_MS = 1_000;
const AT_ONCE = 4;
const PROVIDE_LIMIT_MS = 20_000;
const RETRY_AFTER_MS = 5_000;
/** A record lives for 48 hours on the DHT; it is renewed well before. */
const RENEW_AFTER_MS = 22 * 3_600_000;
/** A record goes to so many nodes (k of Kademlia): while there are fewer, each new one is told of every document. */
const RECORD_COPIES = 20;

/** Keeps the documents that this node shares announced on the DHT. */
export class Announcer {
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

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
      try {
        while (!signal.aborted && (await this.#announceSome(signal)));
      } catch (error) {
        this.logger.warn({ error: describeError(error) }, 'announcing stopped short: it goes on in a second');
      }
    }
  }

  /** Announces the next few documents; false when nothing is to be done, or nobody is there to be told. */
  async #announceSome(signal: AbortSignal): Promise<boolean> {
    const dhtPeers = Math.min(this.host.services.dht.routingTable.size, RECORD_COPIES);
    if (dhtPeers === 0) return false;
    const due = this.announcements.due({ nowMs: this.now(), dhtPeers, limit: AT_ONCE });
    await Promise.all(due.map((documentId) => this.#announce(documentId, dhtPeers, signal)));
    return due.length > 0;
  }

  async #announce(documentId: string, dhtPeers: number, signal: AbortSignal): Promise<void> {
    try {
      const takers = await this.#provide(documentId, AbortSignal.any([signal, AbortSignal.timeout(PROVIDE_LIMIT_MS)]));
      if (takers === 0) throw new Error('no node of the DHT took the record');
      const atMs = this.now();
      this.announcements.announced(documentId, { atMs, dhtPeers, dueAtMs: atMs + RENEW_AFTER_MS });
    } catch (error) {
      this.announcements.notAnnounced(documentId, this.now() + RETRY_AFTER_MS);
      this.logger.debug({ documentId, error: describeError(error) }, 'a document was not announced: it is tried again');
    }
    // It may have gone while it was announced; then libp2p must not renew the record by itself.
    if (!this.announcements.isShared(documentId)) await this.withdraw(documentId);
  }

  /** Answers how many nodes have taken the record. */
  async #provide(documentId: string, signal: AbortSignal): Promise<number> {
    let takers = 0;
    for await (const event of this.host.services.dht.provide(CID.parse(documentId), { signal })) {
      if (event.name === 'PEER_RESPONSE' && event.messageName === 'ADD_PROVIDER') takers += 1;
    }
    return takers;
  }
}
