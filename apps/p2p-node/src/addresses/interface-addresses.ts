import type { Libp2pEvents, Startable, TypedEventTarget } from '@libp2p/interface';
import type { AddressManager } from '@libp2p/interface-internal';

const LOOK_EVERY_MS = 30_000;

export interface InterfaceAddressesComponents {
  readonly addressManager: AddressManager;
  readonly events: TypedEventTarget<Libp2pEvents>;
}

/**
 * Announces the public addresses of this machine's own interfaces. libp2p keeps them back until somebody confirms that
 * they can be dialled, and nobody does: a node on a rented server would never be found.
 */
export class InterfaceAddresses implements Startable {
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly components: InterfaceAddressesComponents) {}

  /** Runs before the port is open. Interfaces come and go, so it looks again and again. */
  start(): void {
    this.components.events.addEventListener('transport:listening', this.#confirm);
    this.#timer = setInterval(this.#confirm, LOOK_EVERY_MS).unref();
  }

  stop(): void {
    this.components.events.removeEventListener('transport:listening', this.#confirm);
    clearInterval(this.#timer);
  }

  readonly #confirm = (): void => {
    const { addressManager } = this.components;
    for (const { multiaddr, type, verified } of addressManager.getAddressesWithMetadata())
      if (type === 'transport' && !verified) addressManager.confirmObservedAddr(multiaddr, { type: 'transport' });
  };
}
