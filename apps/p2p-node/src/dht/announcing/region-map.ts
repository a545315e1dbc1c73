import type { PeerId } from '@libp2p/interface';
import type { DhtLookups } from '../dht-lookups.ts';
import { RECORD_COPIES, type Region, commonBits, isIn, keyWithin, placeOf, regionOf } from '../key-space.ts';
import type { Libp2pHost } from '../../network/libp2p-host.ts';

const FRESH_MS = 600_000;
const LOOK_UP_LIMIT_MS = 30_000;
/** Bounds the lookups that an attacker can cause by crowding a corner of the key space. */
const MOST_HALVINGS = 4;
const MOST_REGIONS = 4_096;

/** A node of the DHT, and where it lies. */
export interface DhtPeer {
  readonly id: PeerId;
  readonly place: Uint8Array;
}

/** A region of the key space, and the nodes in it: at least {@link RECORD_COPIES}, or all that there are. */
export interface MappedRegion {
  readonly region: Region;
  readonly peers: readonly DhtPeer[];
}

interface KnownRegion extends MappedRegion {
  readonly mappedAtMs: number;
  /** How many nodes this one knew then. */
  readonly known: number;
}

/** Which nodes lie where in the key space: a few look-ups find the keepers of all keys of a region. */
export class RegionMap {
  readonly #regions = new Map<Region, KnownRegion>();

  constructor(
    private readonly host: Libp2pHost,
    private readonly lookups: DhtLookups,
    private readonly now: () => number,
  ) {}

  /** The region around a key with enough nodes to keep each key that lies in it. */
  async around(key: Uint8Array, signal: AbortSignal): Promise<MappedRegion> {
    const place = placeOf(key);
    return this.#fresh(place) ?? (await this.#map(key, place, signal));
  }

  #fresh(place: Uint8Array): MappedRegion | undefined {
    for (let bits = 0; bits <= 32; bits++) {
      const found = this.#regions.get(regionOf(place, bits));
      if (found && this.#isFresh(found)) return found;
    }
    return undefined;
  }

  #isFresh({ mappedAtMs, peers, known }: KnownRegion): boolean {
    const wantsMore = peers.length < RECORD_COPIES && this.#size() > known;
    return this.now() - mappedAtMs < FRESH_MS && !wantsMore;
  }

  async #map(key: Uint8Array, place: Uint8Array, signal: AbortSignal): Promise<MappedRegion> {
    const known = this.#size();
    const near = await this.#lookUp(key, signal);
    // Fewer than that are all nodes that there are; else all of them, and so enough, begin with the bits that they share.
    const bits = near.length < RECORD_COPIES ? 0 : Math.min(...near.map((peer) => commonBits(place, peer.place)));
    const region = regionOf(place, bits);
    const peers = near.length < RECORD_COPIES ? near : await this.#peersIn(region, MOST_HALVINGS, signal);
    if (this.#regions.size >= MOST_REGIONS) this.#regions.clear();
    const mapped = { region, peers, mappedAtMs: this.now(), known };
    if (peers.length > 0) this.#regions.set(region, mapped);
    return mapped;
  }

  /** All nodes in a region: a look-up that comes upon one outside has seen all inside. */
  async #peersIn(region: Region, halvings: number, signal: AbortSignal): Promise<DhtPeer[]> {
    const near = await this.#lookUp(keyWithin(region), signal);
    const inside = near.filter(({ place }) => isIn(region, place));
    if (inside.length < RECORD_COPIES || halvings === 0) return inside;
    const halves = await Promise.all(['0', '1'].map((bit) => this.#peersIn(region + bit, halvings - 1, signal)));
    const all = new Map([...inside, ...halves.flat()].map((peer) => [peer.id.toString(), peer]));
    return [...all.values()];
  }

  /** The nodes closest to a key, of those that answer. */
  async #lookUp(key: Uint8Array, signal: AbortSignal): Promise<DhtPeer[]> {
    const peers: DhtPeer[] = [];
    const release = await this.lookups.turn(signal);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(LOOK_UP_LIMIT_MS)]);
    try {
      for await (const event of this.host.services.dht.getClosestPeers(key, { signal: limit })) {
        if (event.name !== 'FINAL_PEER' || event.peer.id.equals(this.host.peerId)) continue;
        peers.push({ id: event.peer.id, place: placeOf(event.peer.id.toMultihash().bytes) });
      }
    } finally {
      release();
    }
    return peers;
  }

  #size(): number {
    return this.host.services.dht.routingTable.size;
  }
}
