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
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { EventStream } from './event-stream.ts';

const MAX_CLIENTS = 100;
const HEARTBEAT_MS = 15_000;

/** What clients hear of, each by its type of event. */
const TOLD: Readonly<Record<string, EventContract | SignalContract>> = {
  'document.added': DocumentAdded,
  'document.removed': DocumentRemoved,
  'document.damaged': DocumentDamaged,
  'document.repaired': DocumentRepaired,
  'document.indexed': DocumentIndexed,
  downloads: DownloadsProgressed,
  network: NetworkChanged,
  collection: CollectionChanged,
};

/** Tells every client what happens on this node, as it happens. */
export class EventHub implements OnApplicationBootstrap, OnModuleDestroy {
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

  /** Starts to listen, once for all clients. */
  onApplicationBootstrap(): void {
    this.#watching = Object.entries(TOLD).map(([type, contract]) => this.#watch(type, contract));
    this.#heartbeat = setInterval(() => this.#clients.forEach((client) => client.heartbeat()), HEARTBEAT_MS);
  }

  /** Ends every stream; clients come back to the next process. */
  async onModuleDestroy(): Promise<void> {
    this.#stopping.abort(new Error('the gateway stops'));
    clearInterval(this.#heartbeat);
    for (const client of this.#clients) client.end('dropped', { reason: 'the gateway stops' });
    await Promise.all(this.#watching);
  }

  /** Takes a client in, until it goes; `open` begins its answer. */
  join(open: () => EventStream): void {
    if (this.#clients.size >= MAX_CLIENTS)
      throw new RequestFailure('unavailable', `${MAX_CLIENTS} clients listen already; try again later`);
    const client = open();
    this.#clients.add(client);
    client.onClose(() => this.#clients.delete(client));
  }

  /** A message that is not even JSON ends a watch: it is logged, and the watch begins anew. */
  async #watch(type: string, contract: EventContract | SignalContract): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted && !this.bus.connection.isClosed()) {
      try {
        for await (const data of this.bus.watch(contract, signal)) this.#tell(type, data);
      } catch (error) {
        this.logger.warn({ subject: contract.subject, error: describeError(error) }, 'a message could not be told');
      }
    }
  }

  #tell(type: string, data: unknown): void {
    for (const client of this.#clients) client.send(type, data);
  }
}
