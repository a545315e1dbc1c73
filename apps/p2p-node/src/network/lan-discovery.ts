import type { PeerInfo } from '@libp2p/interface';
import { type MulticastDNSComponents, mdns } from '@libp2p/mdns';
import { isWithin } from '../addresses/address-scope.ts';

/** Our own service name: other libp2p programs on the LAN neither see nor answer it. */
const SERVICE = '_allibrary._udp.local';
const ASK_EVERY_MS = 10_000;

type Discovery = ReturnType<ReturnType<typeof mdns>> & { start(): Promise<void>; stop(): Promise<void> };

/**
 * Finds the libraries of the LAN by multicast DNS and announces this one. Where multicast is blocked, nothing is found and
 * nothing breaks. libp2p does not start it: the owner turns it on and off.
 */
export class LanDiscovery {
  #running: Discovery | undefined;
  #switching: Promise<void> = Promise.resolve();

  constructor(
    private readonly components: MulticastDNSComponents,
    private readonly isAllowed: boolean,
    private readonly askEveryMs = ASK_EVERY_MS,
  ) {}

  /** Turns it on or off, one switch after the other; `onFound` receives the LAN addresses of a library. */
  turn(isOn: boolean, onFound: (peer: PeerInfo) => void): Promise<void> {
    // A switch that failed does not prevent the next one: closing is one too.
    this.#switching = this.#switching
      .catch(() => {})
      .then(() => (isOn && this.isAllowed ? this.#start(onFound) : this.#stop()));
    return this.#switching;
  }

  async #start(onFound: (peer: PeerInfo) => void): Promise<void> {
    if (this.#running) return;
    this.#running = mdns({ serviceTag: SERVICE, interval: this.askEveryMs })(this.components) as Discovery;
    this.#running.addEventListener('peer', ({ detail: { id, multiaddrs } }) => {
      const onLan = multiaddrs.filter((address) => isWithin(address, 'private'));
      if (onLan.length > 0) onFound({ id, multiaddrs: onLan });
    });
    await this.#running.start();
  }

  async #stop(): Promise<void> {
    await this.#running?.stop();
    this.#running = undefined;
  }
}
