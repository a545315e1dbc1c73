import {
  CollectionChanged,
  DocumentAdded,
  DocumentDamaged,
  DocumentIndexed,
  DocumentRemoved,
  DocumentRepaired,
  DownloadsProgressed,
  type EventContract,
  NetworkChanged,
  type SignalContract,
} from '@allibrary/contracts';
import { type Bus, RequestFailure, describeError } from '@allibrary/messaging';
import type { Logger, Metrics } from '@allibrary/platform';
import type { EventStream } from './event-stream.ts';

const MAX_CLIENTS = 100;
const HEARTBEAT_MS = 15_000;

/** What clients receive, by type of event. */
const FORWARDED: Readonly<Record<string, EventContract | SignalContract>> = {
  'document.added': DocumentAdded,
  'document.removed': DocumentRemoved,
  'document.damaged': DocumentDamaged,
  'document.repaired': DocumentRepaired,
  'document.indexed': DocumentIndexed,
  downloads: DownloadsProgressed,
  network: NetworkChanged,
  collection: CollectionChanged,
};

/** Forwards the events of this node to every client. */
export class EventHub {
  readonly #clients = new Set<EventStream>();
  readonly #stopping = new AbortController();
  #watching: Promise<void>[] = [];
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(
    private readonly bus: Bus,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    const clients = this.#clients;
    metrics.gauge({
      name: 'allibrary_event_clients',
      help: 'Clients that listen to the events of this node.',
      collect() {
        this.set(clients.size);
      },
    });
  }

  /** Subscribes to the bus, once for all clients. */
  start(): void {
    this.#watching = Object.entries(FORWARDED).map(([type, contract]) => this.#watch(type, contract));
    this.#heartbeat = setInterval(() => this.#clients.forEach((client) => client.heartbeat()), HEARTBEAT_MS);
  }

  /** Ends every stream; clients reconnect to the next process. */
  async close(): Promise<void> {
    this.#stopping.abort(new Error('the gateway stops'));
    clearInterval(this.#heartbeat);
    for (const client of this.#clients) client.end('dropped', { reason: 'the gateway stops' });
    await Promise.all(this.#watching);
  }

  /** Adds a client until it disconnects; `open` begins its response. */
  join(open: () => EventStream): void {
    if (this.#clients.size >= MAX_CLIENTS)
      throw new RequestFailure(
        'unavailable',
        `${MAX_CLIENTS} clients follow the events already. Close a page that does, or try again later.`,
      );
    const client = open();
    this.#clients.add(client);
    client.onClose(() => this.#clients.delete(client));
  }

  /** A message that is not JSON ends a subscription: it is logged, and the subscription restarts. */
  async #watch(type: string, contract: EventContract | SignalContract): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted && !this.bus.connection.isClosed()) {
      try {
        for await (const data of this.bus.watch(contract, signal)) this.#forward(type, data);
      } catch (error) {
        this.logger.warn({ subject: contract.subject, error: describeError(error) }, 'event not forwarded');
      }
    }
  }

  #forward(type: string, data: unknown): void {
    for (const client of this.#clients) client.send(type, data);
  }
}
