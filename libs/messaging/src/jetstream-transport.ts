import type { EventContract, RequestContract, RequestManyContract } from '@allibrary/contracts';
import type { JetStreamManager } from '@nats-io/jetstream';
import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { durableName } from './backlog.ts';
import type { Bus } from './bus.ts';
import { EventConsumer, type Settled } from './event-consumer.ts';
import { BUS_TRANSPORT, type EventOptions } from './handlers.ts';
import { Responder } from './responder.ts';
import { provisionStreams } from './streams.ts';
import { type WaitingEvents, waitingEvents } from './waiting-events.ts';

/** How a service takes part in the house's conversation. */
export interface JetStreamTransportOptions {
  readonly bus: Bus;
  readonly service: string;
  /** The read model that the events feed: a new one gets its own consumers, and so all facts from the start. */
  readonly generation?: string | undefined;
  readonly onSettled?: (settled: Settled) => void;
  readonly onInternalFailure?: (subject: string, error: unknown) => void;
}

interface Registration {
  readonly contract: EventContract | RequestContract | RequestManyContract;
  readonly options?: EventOptions;
}

/** Nest's transport over JetStream (durable events) and core NATS (questions). */
export class JetStreamTransport extends Server<Record<never, never>> implements CustomTransportStrategy {
  override readonly transportId = BUS_TRANSPORT;
  #manager: JetStreamManager | undefined;
  readonly #consumers: EventConsumer[] = [];
  readonly #responders: Responder[] = [];

  constructor(private readonly setup: JetStreamTransportOptions) {
    super();
  }

  /** Starts every handler; Nest calls it once. */
  listen(done: (error?: unknown) => void): void {
    this.#start().then(() => done(), done);
  }

  /** What its event handlers have still to do. */
  async waiting(): Promise<WaitingEvents[]> {
    const manager = this.#manager;
    return manager ? Promise.all(this.#consumers.map(({ source }) => waitingEvents(manager, source))) : [];
  }

  /** Finishes what is in hand and takes no more. */
  async close(): Promise<void> {
    await Promise.all([...this.#consumers, ...this.#responders].map((each) => each.stop()));
  }

  override on(): never {
    throw new Error('The bus has no events of its own; watch a contract instead.');
  }

  override unwrap<T>(): T {
    return this.setup.bus.connection as T;
  }

  async #start(): Promise<void> {
    const manager = await provisionStreams(this.setup.bus);
    this.#manager = manager;
    const handlers = [...this.messageHandlers.values()];
    // Answer first: an event's handler may ask a question that this very service answers.
    for (const handler of handlers) this.#startResponder(handler);
    for (const consumer of handlers.flatMap((handler) => this.#consumerOf(handler))) {
      this.#consumers.push(consumer);
      await consumer.start(manager);
    }
  }

  #startResponder(handler: MessageHandler): void {
    const { contract } = registrationOf(handler);
    if (contract.kind === 'event') return;
    const { bus, service, onInternalFailure = () => {} } = this.setup;
    const responder = new Responder({ bus, service, contract, handler: settled(handler), onInternalFailure });
    responder.start();
    this.#responders.push(responder);
  }

  #consumerOf(handler: MessageHandler): EventConsumer[] {
    const { contract, options = {} } = registrationOf(handler);
    if (contract.kind !== 'event') return [];
    const { bus, service, generation, onSettled = () => {} } = this.setup;
    const durable = durableName(service, generation, contract);
    return [new EventConsumer({ bus, service, durable, contract, options, handler: settled(handler), onSettled })];
  }
}

const registrationOf = (handler: MessageHandler): Registration => handler.extras as Registration;

/** Nest's filters answer an error as an observable; here it becomes the rejection that it stands for. */
const settled = (handler: MessageHandler) => async (data: unknown, context: unknown) => {
  const result: unknown = await handler(data, context);
  return isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : result;
};
