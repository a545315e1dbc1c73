import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import type { Connection, IdentifyResult, PeerId, PeerInfo } from '@libp2p/interface';
import type { Multiaddr } from '@multiformats/multiaddr';
import { type ConnectedPeer, missing, peersToPrune } from './connection-target.ts';
import { RateLimit } from '../gate/rate-limit.ts';
import { sample } from './sample.ts';
import type { Libp2pHost } from '../network/libp2p-host.ts';
import type { UnverifiedPeer, PeerExchange } from './peer-exchange.ts';
import type { PeerGuard } from '../gate/peer-guard.ts';
import { PEERS } from '../protocols/peers-protocol.ts';
import { SEARCH } from '../protocols/library-protocols.ts';

const TICK_MS = 15_000;
const ASK_LIMIT_MS = 10_000;
const DIAL_LIMIT_MS = 10_000;
/** Peers of one answer that are dialled. */
const MOST_OF_ONE_ANSWER = 10;
/** An unverified peer is dialled once in ten minutes, however often it is named. */
const ONCE_IN_A_WHILE = { burst: 1, perMinute: 0.1 };
const MOST_REMEMBERED = 10_000;

/** What a gatherer is made of. */
export interface PeerGathererOptions {
  readonly host: Libp2pHost;
  readonly guard: PeerGuard;
  readonly exchange: PeerExchange;
  readonly logger: Logger;
  /** Called for each peer that is pruned. */
  readonly onPruned: () => void;
}

/** Keeps the number of peers at the target: looks for more below it, prunes strangers above it. */
export class PeerGatherer {
  readonly #stop = new AbortController();
  readonly #tried = new RateLimit(ONCE_IN_A_WHILE, MOST_REMEMBERED);
  #running: Promise<void> = Promise.resolve();

  constructor(private readonly options: PeerGathererOptions) {}

  start(): void {
    const { host } = this.options;
    host.addEventListener('peer:identify', this.#onIdentify);
    this.followRules();
    this.#running = this.#run(this.#stop.signal);
  }

  /** Applies the owner's settings. */
  followRules(): void {
    const { host, guard, logger } = this.options;
    host.services.lan.turn(guard.rules.settings.lanDiscovery, this.#onFoundOnLan).catch((error: unknown) => {
      logger.warn({ error: describeError(error) }, 'LAN discovery failed');
    });
  }

  async close(): Promise<void> {
    this.options.host.removeEventListener('peer:identify', this.#onIdentify);
    this.#stop.abort();
    await this.options.host.services.lan.turn(false, this.#onFoundOnLan);
    await this.#running;
  }

  /** A library that has just connected may know others: the first one that a new node meets knows the network. */
  readonly #onIdentify = ({ detail: { connection, protocols } }: { detail: IdentifyResult }): void => {
    if (this.#missing() > 0 && protocols.includes(PEERS.protocol)) this.#ask(connection).catch(() => {});
  };

  readonly #onFoundOnLan = ({ id, multiaddrs }: PeerInfo): void => {
    if (this.options.host.getConnections(id).length > 0) return;
    const onLan = this.options.guard.gate.addresses.learn(multiaddrs, 'private');
    const addresses = onLan.map((address) => address.encapsulate(`/p2p/${id.toString()}`));
    this.#meet({ peerId: id.toString(), addresses }).catch(() => {});
  };

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const spread = 0.75 + Math.random() / 2;
      await delay(TICK_MS * spread, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      await this.#prune();
      if (this.#missing() > 0) await this.#lookForMore();
    }
  }

  /** Asks a library for others; where that brings nobody, walks the DHT towards a place taken by chance. */
  async #lookForMore(): Promise<void> {
    const libraries: Connection[] = [];
    for (const peer of await this.#connected()) if (peer.speaksPeers) libraries.push(peer.connection);
    for (const library of sample(libraries, 1, Math.random)) await this.#ask(library);
    if (this.#missing() > 0) await this.#walk();
  }

  async #ask(library: Connection): Promise<void> {
    const { exchange, logger } = this.options;
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(ASK_LIMIT_MS)]);
    try {
      const unverified = await exchange.request(library, MOST_OF_ONE_ANSWER, signal);
      await Promise.all(
        unverified.slice(0, Math.min(this.#missing(), MOST_OF_ONE_ANSWER)).map((peer) => this.#meet(peer)),
      );
    } catch (error) {
      const peerId = library.remotePeer.toString();
      logger.debug({ peerId, error: describeError(error) }, 'peer exchange failed');
    }
  }

  async #walk(): Promise<void> {
    const { host } = this.options;
    if (host.services.dht.routingTable.size === 0) return;
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(ASK_LIMIT_MS)]);
    try {
      for await (const { id } of host.peerRouting.getClosestPeers(randomBytes(32), { signal })) {
        if (this.#missing() === 0) return;
        if (host.getConnections(id).length === 0) await this.#dial(id.toString(), id);
      }
    } catch {
      // The peers that the walk had reached by then stay connected.
    }
  }

  #meet({ peerId, addresses }: UnverifiedPeer): Promise<void> {
    return this.#dial(peerId, addresses);
  }

  async #dial(peerId: string, target: PeerId | Multiaddr[]): Promise<void> {
    if (!this.#tried.take(peerId, performance.now())) return;
    try {
      const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(DIAL_LIMIT_MS)]);
      await this.options.host.dial(target, { signal });
    } catch (error) {
      this.options.logger.debug({ peerId, error: describeError(error) }, 'dial of an unverified address failed');
    }
  }

  #missing(): number {
    return missing(this.options.guard.rules.settings.connections, this.options.host.getPeers().length);
  }

  async #prune(): Promise<void> {
    const { host, guard, onPruned } = this.options;
    const target = guard.rules.settings.connections;
    if (host.getPeers().length <= target.high) return;
    const connected = await this.#connected();
    const pruned = new Set(peersToPrune(target, connected));
    for (const { peerId, connection } of connected) {
      if (!pruned.has(peerId)) continue;
      onPruned();
      await host.hangUp(connection.remotePeer, { signal: AbortSignal.timeout(1_000) }).catch(() => {});
    }
  }

  async #connected(): Promise<(ConnectedPeer & { connection: Connection; speaksPeers: boolean })[]> {
    const { host, guard } = this.options;
    const ofEachPeer = new Map(host.getConnections().map((each) => [each.remotePeer.toString(), each]));
    return Promise.all(
      [...ofEachPeer].map(async ([peerId, connection]) => {
        const protocols = (await host.peerStore.get(connection.remotePeer).catch(() => undefined))?.protocols ?? [];
        return {
          peerId,
          connection,
          speaksPeers: protocols.includes(PEERS.protocol),
          isLibrary: protocols.includes(SEARCH.protocol),
          isProtected: guard.rules.isProtected(peerId),
          score: guard.scores.scoreOf(peerId),
          isBusy: connection.streams.length > 0,
          connectedAtMs: connection.timeline.open,
        };
      }),
    );
  }
}
