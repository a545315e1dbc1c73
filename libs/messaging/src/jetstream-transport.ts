import type { EventContract, RequestContract, RequestManyContract } from '@allibrary/contracts';
import type { JetStreamManager } from '@nats-io/jetstream';
import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { durableName } from './backlog.ts';
import type { Bus } from './bus.ts';
import { EventConsumer, type Settled } from './event-consumer.ts';
import { BUS_TRANSPORT, type EventOptions } from './handlers.ts';
import { Responder } from './responder.ts';
import { Upkeep } from './upkeep.ts';
import { type WaitingEvents, waitingEvents } from './waiting-events.ts';

/** How a service takes part in the house's conversation. */
export interface JetStreamTransportOptions {
  readonly bus: Bus;
  readonly service: string;
  /** The read model that the events feed: a new one gets its own consumers, and so all facts from the start. */
  readonly generation?: string | undefined;
  readonly onSettled?: (settled: Settled) => void;
  readonly onInternalFailure?: (subject: string, error: unknown) => void;
  /** Streams and durables that the broker has lost could not be repaired yet; it is tried again. */
  readonly onRepairFailure?: (error: unknown) => void;
}

interface Registration {
  readonly contract: EventContract | RequestContract | RequestManyContract;
  readonly options?: EventOptions;
}

/** Nest's transport over JetStream (durable events) and core NATS (questions). */
export class JetStreamTransport extends Server<Record<never, never>> implements CustomTransportStrategy {
  override readonly transportId = BUS_TRANSPORT;
  #manager: JetStreamManager | undefined;
  #upkeep: Upkeep | undefined;
  readonly #consumers: EventConsumer[] = [];
  readonly #responders: Responder[] = [];

  constructor(private readonly setup: JetStreamTransportOptions) {
    super();
  }

  /** Starts every handler; Nest calls it once. */
  listen(done: (error?: unknown) => void): void {
    this.#start().then(() => done(), done);
  }

  /**
   * Provisions the streams and the durables of all handlers. A durable that is ahead of its stream can be distinguished from a
   * sound one only until new facts have taken the lost sequences, so this comes before the service publishes anything.
   */
  async prepare(): Promise<void> {
    if (this.#upkeep) return;
    const { bus, onRepairFailure: onProblem = () => {} } = this.setup;
    this.#consumers.push(...[...this.messageHandlers.values()].flatMap((handler) => this.#consumerOf(handler)));
    this.#upkeep = new Upkeep({ bus, consumers: this.#consumers, onProblem });
    this.#manager = await this.#upkeep.prepare();
  }

  /** What its event handlers have still to do. */
  async waiting(): Promise<WaitingEvents[]> {
    const manager = this.#manager;
    return manager ? Promise.all(this.#consumers.map(({ source }) => waitingEvents(manager, source))) : [];
  }

  /** Finishes what is in hand and takes no more. */
  async close(): Promise<void> {
    this.#upkeep?.stop();
    await Promise.all([...this.#consumers, ...this.#responders].map((each) => each.stop()));
  }

  override on(): never {
    throw new Error('The bus has no events of its own; watch a contract instead.');
  }

  override unwrap<T>(): T {
    return this.setup.bus.connection as T;
  }

  async #start(): Promise<void> {
    await this.prepare();
    // Answer first: an event's handler may ask a question that this very service answers.
    for (const handler of this.messageHandlers.values()) this.#startResponder(handler);
    await this.setup.bus.connection.flush(); // the server has the subscriptions: from now on requests are answered
    await this.#upkeep?.start();
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
