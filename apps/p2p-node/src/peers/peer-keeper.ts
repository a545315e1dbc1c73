import { setTimeout as delay } from 'node:timers/promises';
import { describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import type { PeerId } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import { ADDRESS_SCOPES, isWithin } from '../addresses/address-scope.ts';
import { backOffMs } from './back-off.ts';
import type { KnownPeer, KnownPeers } from './known-peers.ts';
import type { Libp2pHost } from '../network/libp2p-host.ts';
import { peerIdOf } from '../addresses/peer-addresses.ts';
import { logNamedPeerFailure } from './named-peer-log.ts';
import type { PeerGuard } from '../gate/peer-guard.ts';
import { SEARCH } from '../protocols/library-protocols.ts';

const TICK_MS = 500;
const REMEMBER_EVERY_MS = 60_000;
const AT_ONCE = 8;
const DIAL_LIMIT_MS = 10_000;
const MOST_KEPT = 200;
const MOST_ADDRESSES = 4;
const GIVE_UP_AFTER_FAILURES = 50;

interface KeptPeer {
  readonly target: PeerId | Multiaddr;
  failures: number;
  dueAtMs: number;
  dialling: boolean;
}

/** What a keeper is made of. */
export interface PeerKeeperOptions {
  readonly host: Libp2pHost;
  readonly guard: PeerGuard;
  readonly known: KnownPeers;
  /** The addresses from the environment, beside those of the settings. */
  readonly bootstrap: readonly string[];
  readonly logger: Logger;
}

/** Reconnects to known libraries after a lost connection and after a restart. */
export class PeerKeeper {
  readonly #kept = new Map<string, KeptPeer>();
  readonly #stop = new AbortController();
  /** Peers that the owner named: they are never dropped. */
  #named = new Set<string>();
  #running: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: PeerKeeperOptions) {}

  /** Starts with the bootstrap peers and the libraries of earlier runs. */
  async start(): Promise<void> {
    const { host, guard, known } = this.options;
    this.followRules();
    for (const { peerId, multiaddrs, scope } of await known.read()) {
      const id = peerIdFromString(peerId);
      const addresses = multiaddrs.map((address) => multiaddr(address));
      await host.peerStore.merge(id, { multiaddrs: guard.gate.addresses.learn(addresses, scope) });
      this.keep(id);
    }
    const met = await host.peerStore.all({ filters: [(peer) => peer.protocols.includes(SEARCH.protocol)] });
    for (const { id } of met) this.keep(id);
    host.addEventListener('peer:identify', this.#onIdentify);
    this.#running = Promise.all([this.#reconnect(this.#stop.signal), this.#remember(this.#stop.signal)]);
  }

  /** Applies the bootstrap and protected peers of the owner's settings. */
  followRules(): void {
    const { bootstrap, guard } = this.options;
    const addresses = [...bootstrap, ...guard.rules.settings.bootstrap];
    const { protectedPeers } = guard.rules.settings;
    this.#named = new Set([...addresses.map(peerIdOf), ...protectedPeers]);
    for (const address of addresses) {
      guard.gate.name(multiaddr(address));
      this.#keep(peerIdOf(address), multiaddr(address));
    }
    for (const peerId of protectedPeers) this.#keep(peerId, peerIdFromString(peerId));
  }

  /** Keeps a peer: it is dialled again after a loss. */
  keep(peer: PeerId): void {
    this.#keep(peer.toString(), peer);
  }

  /** Stops keeping a peer until it connects again. */
  release(peerId: string): void {
    if (!this.#named.has(peerId)) this.#kept.delete(peerId);
  }

  async close(): Promise<void> {
    this.options.host.removeEventListener('peer:identify', this.#onIdentify);
    this.#stop.abort();
    await this.#running;
  }

  readonly #onIdentify = ({ detail }: { detail: { peerId: PeerId; protocols: string[] } }): void => {
    if (detail.protocols.includes(SEARCH.protocol)) this.keep(detail.peerId);
  };

  #keep(peerId: string, target: PeerId | Multiaddr): void {
    const isOurs = peerId === this.options.host.peerId.toString();
    if (isOurs || this.#kept.has(peerId)) return;
    if (this.#kept.size >= MOST_KEPT) this.#forgetOne();
    if (this.#kept.size >= MOST_KEPT && !this.#named.has(peerId)) return;
    this.#kept.set(peerId, { target, failures: 0, dueAtMs: 0, dialling: false });
  }

  /** Drops the peer with the most failed dials. */
  #forgetOne(): void {
    const unreachable = [...this.#kept].filter(([peerId, { failures }]) => failures > 0 && !this.#named.has(peerId));
    const [worst] = unreachable.toSorted(([, a], [, b]) => b.failures - a.failures);
    if (worst) this.#kept.delete(worst[0]);
  }

  async #reconnect(signal: AbortSignal): Promise<void> {
    for (; !signal.aborted; await pause(TICK_MS, signal)) {
      const connected = new Set(this.options.host.getPeers().map(String));
      const dialling = [...this.#kept.values()].filter((peer) => peer.dialling).length;
      const due = [...this.#kept].filter(([id, peer]) => this.#isDue(id, peer, connected));
      for (const [peerId, peer] of due.slice(0, AT_ONCE - dialling)) this.#dial(peerId, peer, signal).catch(() => {});
    }
  }

  /** Above the target only peers that the owner named are dialled: others would be pruned at once. */
  #isDue(peerId: string, peer: KeptPeer, connected: ReadonlySet<string>): boolean {
    const { rules, scores } = this.options.guard;
    const isWelcome = !rules.isDenied(peerId) && !scores.isBanned(peerId);
    const hasRoom = connected.size < rules.settings.connections.high || this.#named.has(peerId);
    const isTime = !peer.dialling && peer.dueAtMs <= performance.now();
    return isTime && isWelcome && hasRoom && !connected.has(peerId);
  }

  async #dial(peerId: string, peer: KeptPeer, signal: AbortSignal): Promise<void> {
    const { host, logger } = this.options;
    peer.dialling = true;
    try {
      await host.dial(peer.target, { signal: AbortSignal.any([signal, AbortSignal.timeout(DIAL_LIMIT_MS)]) });
      peer.failures = 0;
      peer.dueAtMs = performance.now() + backOffMs(0, Math.random());
    } catch (error) {
      peer.failures += 1;
      peer.dueAtMs = performance.now() + backOffMs(peer.failures - 1, Math.random());
      logger.debug({ peerId, failures: peer.failures, error: describeError(error) }, 'dial failed, retrying');
      if (this.#named.has(peerId) && !signal.aborted)
        logNamedPeerFailure(logger, peer.target.toString(), peer.failures, describeError(error));
      if (!this.#named.has(peerId) && peer.failures >= GIVE_UP_AFTER_FAILURES) this.#kept.delete(peerId);
    } finally {
      peer.dialling = false;
    }
  }

  /** Stores the connected peers every minute and at the end. */
  async #remember(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(REMEMBER_EVERY_MS, signal);
      try {
        await this.options.known.remember(await this.#connectedPeers());
      } catch (error) {
        this.options.logger.warn(
          { error: describeError(error) },
          'known peers not written: a restart may reconnect to fewer',
        );
      }
    }
  }

  async #connectedPeers(): Promise<Omit<KnownPeer, 'lastMetAtMs'>[]> {
    const { host, guard } = this.options;
    const ids = host.getPeers().filter((id) => this.#kept.has(id.toString()));
    const met = await Promise.all(ids.map((id) => host.peerStore.get(id).catch(() => undefined)));
    return met
      .filter((peer) => peer !== undefined)
      .map(({ id, addresses }) => {
        const scopes = host.getConnections(id).map(({ remoteAddr }) => guard.gate.addresses.scopeOfPeer(remoteAddr));
        const scope = ADDRESS_SCOPES.find((each) => scopes.includes(each)) ?? 'public';
        const within = addresses.map((address) => address.multiaddr).filter((address) => isWithin(address, scope));
        return { peerId: id.toString(), scope, multiaddrs: within.slice(0, MOST_ADDRESSES).map(String) };
      })
      .filter(({ multiaddrs }) => multiaddrs.length > 0);
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> => delay(ms, undefined, { signal }).catch(() => {}); // the signal ends the loop that waits
