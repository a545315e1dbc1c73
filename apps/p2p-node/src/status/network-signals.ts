import { NetworkChanged } from '@allibrary/contracts';
import type { Bus } from '@allibrary/messaging';
import type { Libp2pHost } from '../network/libp2p-host.ts';
import type { NetworkView } from './network-view.ts';

const AT_MOST_EVERY_MS = 500;
const CHANGES = ['peer:connect', 'peer:disconnect', 'self:peer:update'] as const;

/** Publishes the status of the network when it changes; a burst of changes is one signal. */
export class NetworkSignals {
  #pending: NodeJS.Timeout | undefined;

  constructor(
    private readonly host: Libp2pHost,
    private readonly view: NetworkView,
    private readonly bus: Pick<Bus, 'signal'>,
  ) {}

  /** The first signal is the status at the start: the network before this one may have had other peers. */
  start(): void {
    for (const change of CHANGES) this.host.addEventListener(change, this.#onChange);
    this.#onChange();
  }

  close(): void {
    clearTimeout(this.#pending);
    for (const change of CHANGES) this.host.removeEventListener(change, this.#onChange);
  }

  readonly #onChange = (): void => {
    this.#pending ??= setTimeout(() => this.#publish(), AT_MOST_EVERY_MS);
  };

  #publish(): void {
    this.#pending = undefined;
    this.bus.signal(NetworkChanged, this.view.status());
  }
}
