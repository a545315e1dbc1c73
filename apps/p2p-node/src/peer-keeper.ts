import { setTimeout as delay } from 'node:timers/promises';
import { describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import type { PeerId } from '@libp2p/interface';
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import { backOffMs } from './domain/back-off.ts';
import type { Libp2pHost } from './libp2p-host.ts';
import { peerIdOf } from './peer-addresses.ts';
import { SEARCH } from './protocols/library-protocols.ts';

const TICK_MS = 500;
const AT_ONCE = 8;
const DIAL_LIMIT_MS = 10_000;
const MOST_KEPT = 200;
const GIVE_UP_AFTER_FAILURES = 50;

interface KeptPeer {
  readonly target: PeerId | Multiaddr;
  /** A bootstrap peer is never given up. */
  readonly isBootstrap: boolean;
  failures: number;
  dueAtMs: number;
  dialling: boolean;
}

/** Keeps the connections to other libraries: those that were met come back after a loss, and after a restart. */
export class PeerKeeper {
  readonly #kept = new Map<string, KeptPeer>();
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(
    private readonly host: Libp2pHost,
    private readonly bootstrap: readonly string[],
    private readonly logger: Logger,
  ) {}

  /** Starts with the bootstrap peers and the libraries that an earlier run has met. */
  async start(): Promise<void> {
    for (const address of this.bootstrap) this.#keep(peerIdOf(address), multiaddr(address), true);
    const met = await this.host.peerStore.all({ filters: [(peer) => peer.protocols.includes(SEARCH.protocol)] });
    for (const { id } of met) this.keep(id);
    this.host.addEventListener('peer:identify', this.#onIdentify);
    this.#running = this.#run(this.#stop.signal);
  }

  /** Keeps a peer that was met. */
  keep(peer: PeerId): void {
    this.#keep(peer.toString(), peer, false);
  }

  async close(): Promise<void> {
    this.host.removeEventListener('peer:identify', this.#onIdentify);
    this.#stop.abort();
    await this.#running;
  }

  readonly #onIdentify = ({ detail }: { detail: { peerId: PeerId; protocols: string[] } }): void => {
    if (detail.protocols.includes(SEARCH.protocol)) this.keep(detail.peerId);
  };

  #keep(peerId: string, target: PeerId | Multiaddr, isBootstrap: boolean): void {
    const isOurs = peerId === this.host.peerId.toString();
    if (isOurs || this.#kept.has(peerId) || this.#kept.size >= MOST_KEPT) return;
    this.#kept.set(peerId, { target, isBootstrap, failures: 0, dueAtMs: 0, dialling: false });
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (; !signal.aborted; await delay(TICK_MS, undefined, { signal }).catch(() => {})) {
      const connected = new Set(this.host.getPeers().map(String));
      const dialling = [...this.#kept.values()].filter((peer) => peer.dialling).length;
      const due = [...this.#kept].filter(
        ([id, peer]) => !connected.has(id) && !peer.dialling && peer.dueAtMs <= performance.now(),
      );
      for (const [peerId, peer] of due.slice(0, AT_ONCE - dialling)) this.#dial(peerId, peer, signal).catch(() => {});
    }
  }

  async #dial(peerId: string, peer: KeptPeer, signal: AbortSignal): Promise<void> {
    peer.dialling = true;
    try {
      await this.host.dial(peer.target, { signal: AbortSignal.any([signal, AbortSignal.timeout(DIAL_LIMIT_MS)]) });
      peer.failures = 0;
      peer.dueAtMs = performance.now() + backOffMs(0, Math.random());
    } catch (error) {
      peer.failures += 1;
      peer.dueAtMs = performance.now() + backOffMs(peer.failures - 1, Math.random());
      this.logger.debug(
        { peerId, failures: peer.failures, error: describeError(error) },
        'a peer could not be reached: it is tried again',
      );
      if (!peer.isBootstrap && peer.failures >= GIVE_UP_AFTER_FAILURES) this.#kept.delete(peerId);
    } finally {
      peer.dialling = false;
    }
  }
}
