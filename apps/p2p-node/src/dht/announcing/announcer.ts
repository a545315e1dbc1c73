import { setTimeout as delay } from 'node:timers/promises';
import { describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import type { PeerId } from '@libp2p/interface';
import type { DhtLookups } from '../dht-lookups.ts';
import type { Announcements, DueDocument } from './announcements.ts';
import type { RecordSender } from './record-sender.ts';
import { type DhtPeer, RegionMap } from './region-map.ts';
import { RECORD_COPIES, closest, isIn } from '../key-space.ts';

const TICK_MS = 1_000;
const MOST_AT_ONCE = 5_000;
const PEERS_AT_ONCE = 16;
const RETRY_AFTER_MS = 5_000;
/** Renewals that come within this time are made together: so each region is looked up once for many keys. */
const AHEAD_MS = 600_000;

/** Keeps the documents that this node shares announced on the DHT, region by region of its key space. */
export class Announcer {
  readonly #stop = new AbortController();
  readonly #map: RegionMap;
  #running: Promise<void> = Promise.resolve();

  constructor(
    private readonly sender: RecordSender,
    private readonly announcements: Announcements,
    lookups: DhtLookups,
    private readonly logger: Logger,
    private readonly now: () => number,
  ) {
    this.#map = new RegionMap(sender.host, lookups, () => performance.now());
  }

  /** Starts to announce, and goes on until it is closed. */
  start(): void {
    this.#running = this.#run(this.#stop.signal);
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
        this.logger.warn({ error: describeError(error) }, 'announcing failed, retrying in a second');
      }
    }
  }

  /** Announces what is due in one region; returns false when nothing is due or no peer can store it. */
  async #announceSome(signal: AbortSignal): Promise<boolean> {
    const dhtPeers = Math.min(this.sender.host.services.dht.routingTable.size, RECORD_COPIES);
    if (dhtPeers === 0 || !this.#hasReceiver()) return false;
    const due = this.announcements.due({ nowMs: this.now(), aheadMs: AHEAD_MS, dhtPeers, limit: MOST_AT_ONCE });
    const [first] = due;
    if (!first) return false;
    const { region, peers } = await this.#map.around(first.key, signal);
    await this.#announce(
      due.filter(({ place }) => isIn(region, place)),
      peers.filter(({ id }) => this.#mayReceive(id)),
      dhtPeers,
      signal,
    );
    return true;
  }

  /** Whether a connected peer may learn an address of ours. A node behind a router has none for strangers. */
  #hasReceiver(): boolean {
    return this.sender.host.getPeers().some((peer) => this.sender.ownAddressesFor(peer).length > 0);
  }

  /** Whether a peer may learn an address of ours; one that is not connected yet may. */
  #mayReceive(peer: PeerId): boolean {
    return this.sender.host.getConnections(peer).length === 0 || this.sender.ownAddressesFor(peer).length > 0;
  }

  async #announce(
    documents: readonly DueDocument[],
    peers: readonly DhtPeer[],
    dhtPeers: number,
    signal: AbortSignal,
  ): Promise<void> {
    const taken = await this.#send(documents, peers, signal);
    if (signal.aborted) return;
    const atMs = this.now();
    this.announcements.announced(
      documents.filter((document) => taken.has(document)),
      { atMs, dhtPeers },
    );
    const refused = documents.filter((document) => !taken.has(document));
    this.announcements.notAnnounced(refused, atMs + RETRY_AFTER_MS);
    this.logger.debug({ announced: taken.size, refused: refused.length, peers: peers.length }, 'region announced');
  }

  /** Sends each peer the keys that it should keep; returns the documents that at least half of their peers stored. */
  async #send(
    documents: readonly DueDocument[],
    peers: readonly DhtPeer[],
    signal: AbortSignal,
  ): Promise<Set<DueDocument>> {
    const copies = new Map<DueDocument, number>();
    const waiting = [...shareOut(documents, peers)].filter(([, share]) => share.length > 0);
    const lane = async (): Promise<void> => {
      for (let next = waiting.pop(); next && !signal.aborted; next = waiting.pop()) {
        const [{ id }, share] = next;
        const keys = share.map(({ key }) => key);
        const count = await this.sender.send(id, keys, signal);
        for (const document of share.slice(0, count)) copies.set(document, (copies.get(document) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: PEERS_AT_ONCE }, lane));
    const enough = Math.max(1, Math.min(RECORD_COPIES, peers.length) / 2);
    return new Set(documents.filter((document) => (copies.get(document) ?? 0) >= enough));
  }
}

/** Documents for each peer: those to whose keys it is among the closest. */
function shareOut(documents: readonly DueDocument[], peers: readonly DhtPeer[]): Map<DhtPeer, DueDocument[]> {
  const shares = new Map<DhtPeer, DueDocument[]>(peers.map((peer) => [peer, []]));
  for (const document of documents) {
    for (const peer of closest(document.place, peers, RECORD_COPIES)) shares.get(peer)?.push(document);
  }
  return shares;
}
