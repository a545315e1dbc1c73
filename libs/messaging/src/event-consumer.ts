import type { EventContract } from '@allibrary/contracts';
import {
  AckPolicy,
  type ConsumerMessages,
  DeliverPolicy,
  type JetStreamManager,
  type JsMsg,
  jetstream,
} from '@nats-io/jetstream';
import PQueue from 'p-queue';
import type { Bus } from './bus.ts';
import { buryMessage } from './dead-letters.ts';
import type { Delivery, EventOptions } from './handlers.ts';
import { ensureDurable } from './durables.ts';
import { type DurableConsumer, UnsettledEvents } from './waiting-events.ts';
import { type Settlement, settleFailure, succeeded } from './settlement.ts';

const DEFAULTS = {
  concurrency: 4,
  ackWaitMs: 10_000,
  backoffMs: [500, 2_000, 10_000, 30_000, 60_000, 120_000, 300_000],
} satisfies EventOptions;

/** A durable that nobody has used for so long belongs to a read model that is gone; nats-server deletes it. */
const FORGOTTEN_AFTER_NANOS = 30 * 24 * 3600 * 1e9;

/** What the client reports when the stream or its durable consumer is gone. */
const GONE: ReadonlySet<string> = new Set(['consumer_not_found', 'stream_not_found', 'consumer_deleted']);

/** A handler of one event's payload. */
export type EventHandler = (data: unknown, delivery: Delivery) => Promise<unknown>;

/** What became of one message, for metrics and logs. */
export interface Settled {
  readonly subject: string;
  /** The natural key of the fact; undefined when the message is not of the contract. */
  readonly fact: string | undefined;
  readonly settlement: Settlement['kind'];
  readonly durationMs: number;
  readonly attempt: number;
  readonly error?: unknown;
}

/** Who consumes what, and how. */
export interface EventConsumerOptions {
  readonly bus: Bus;
  readonly service: string;
  /** The name of the durable consumer: one position in the stream for all replicas of a service. */
  readonly durable: string;
  readonly contract: EventContract;
  readonly options: EventOptions;
  readonly handler: EventHandler;
  readonly onSettled: (settled: Settled) => void;
}

/** Feeds the messages of one durable consumer to one handler, and settles each. */
export class EventConsumer {
  readonly #limits: Required<EventOptions>;
  readonly #queue: PQueue;
  readonly #heartbeats = new Set<NodeJS.Timeout>();
  readonly #unsettled = new UnsettledEvents();
  #feed: ConsumerMessages | undefined;
  #isStopped = false;
  /** Counts how often the durable was created: what was delivered before must not settle what is delivered since. */
  #life = 0;

  constructor(private readonly setup: EventConsumerOptions) {
    this.#limits = { ...DEFAULTS, ...setup.options };
    this.#queue = new PQueue({ concurrency: this.#limits.concurrency });
  }

  /** Where its messages come from. */
  get source(): DurableConsumer {
    const { contract, durable } = this.setup;
    return { stream: contract.stream, durable, subject: contract.subject, unsettled: this.#unsettled };
  }

  /**
   * Creates the durable consumer where it is missing, and again where it is ahead of its stream: it would wait for
   * sequences that the stream has lost, and skip every fact until then. Returns whether it was created.
   */
  async repair(manager: JetStreamManager): Promise<boolean> {
    const { contract, durable } = this.setup;
    const { concurrency, ackWaitMs } = this.#limits;
    const isCreated = await ensureDurable(manager, contract.stream, {
      durable_name: durable,
      filter_subject: contract.subject,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: ackWaitMs * 1e6,
      max_deliver: -1,
      max_ack_pending: concurrency * 4,
      inactive_threshold: FORGOTTEN_AFTER_NANOS,
    });
    if (isCreated) {
      this.#life += 1;
      this.#unsettled.clear();
    }
    return isCreated;
  }

  /** Takes messages from the durable consumer, which must exist; `onTrouble` is called when it is gone. */
  async start(onTrouble: () => void): Promise<void> {
    const { bus, contract, durable } = this.setup;
    await this.#feed?.close();
    const consumer = await jetstream(bus.connection).consumers.get(contract.stream, durable);
    const callback = (message: JsMsg) => this.#receive(message);
    const feed = await consumer.consume({ max_messages: this.#limits.concurrency * 2, callback });
    this.#feed = feed;
    if (this.#isStopped) return this.stop();
    this.#follow(feed, onTrouble).catch(onTrouble);
  }

  /** Takes no more messages and ends the ones in hand; the rest goes to the other replicas. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const feed = this.#feed;
    this.#feed = undefined;
    await feed?.close();
    this.#queue.clear();
    await this.#queue.onIdle();
    for (const heartbeat of this.#heartbeats) clearInterval(heartbeat);
  }

  /** The client goes on asking a durable that is gone, every 30 s; somebody has to create it. */
  async #follow(feed: ConsumerMessages, onTrouble: () => void): Promise<void> {
    for await (const { type } of feed.status()) if (GONE.has(type)) onTrouble();
    if (this.#feed === feed) onTrouble(); // it ended by itself
  }

  /** Queues a message; until it is settled the broker hears that it is in hand, so that waiting is no failed attempt. */
  #receive(message: JsMsg): void {
    const life = this.#life;
    const heartbeat = setInterval(() => {
      if (life === this.#life) message.working();
    }, this.#limits.ackWaitMs / 3);
    const end = () => {
      clearInterval(heartbeat);
      this.#heartbeats.delete(heartbeat);
    };
    this.#heartbeats.add(heartbeat);
    this.#unsettled.add(message);
    this.#queue.add(() => this.#deliver(message, life)).then(end, end);
  }

  async #deliver(message: JsMsg, life: number): Promise<void> {
    const startedAt = performance.now();
    const { contract, handler } = this.setup;
    const { subject } = message;
    const attempt = message.info.deliveryCount;
    let fact: string | undefined;
    let error: unknown;
    let settlement = succeeded;
    try {
      const data = contract.schema.parse(message.json());
      fact = contract.key(data);
      await handler(data, deliveryOf(message));
    } catch (thrown) {
      error = thrown;
      settlement = settleFailure(thrown, attempt, this.#limits.backoffMs);
    }
    if (life === this.#life) await this.#settle(message, settlement, error);
    const durationMs = performance.now() - startedAt;
    this.setup.onSettled({ subject, fact, settlement: settlement.kind, durationMs, attempt, error });
  }

  /** The one place where a message is settled. An acknowledgement that is lost is repeated after the redelivery. */
  async #settle(message: JsMsg, settlement: Settlement, error: unknown): Promise<void> {
    try {
      switch (settlement.kind) {
        case 'ack':
          message.ack(); // one that is lost brings the message again, and handlers are idempotent
          this.#unsettled.remove(message);
          return;
        case 'retry':
          message.nak(settlement.afterMs);
          return;
        case 'bury':
          await buryMessage(this.setup.bus, this.setup.service, message, error);
          message.term(); // with a reason, nats-server 2.9 does not settle it
          this.#unsettled.remove(message);
          return;
      }
    } catch {
      // The broker is away: the message is still unsettled there and comes again after its ack wait.
    }
  }
}

const deliveryOf = (message: JsMsg): Delivery => ({
  subject: message.subject,
  id: message.headers?.get('Nats-Msg-Id') || String(message.seq),
  attempt: message.info.deliveryCount,
  sequence: message.seq,
});
