import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type {
  Data,
  EventContract,
  ReplyOf,
  RequestContract,
  RequestInput,
  RequestManyContract,
  SignalContract,
} from '@allibrary/contracts';
import { type JetStreamClient, jetstream } from '@nats-io/jetstream';
import { connect, createInbox, errors, type Msg, type NatsConnection } from '@nats-io/transport-node';
import type { z } from 'zod';
import { readFailure } from './failure-headers.ts';
import { RequestFailure, describeError } from './failures.ts';

/** A NATS cluster that changes its leader takes 6 to 7 s in which nothing is stored; a publisher outlasts that. */
const PUBLISH_LIMIT_MS = 10_000;
const PUBLISH_ATTEMPT_MS = 2_000;
const PUBLISH_PAUSE_MS = 250;

/** Where the broker is and who asks. */
export interface BusOptions {
  /** One URL, or those of a cluster with commas between them. */
  readonly servers: string;
  readonly token?: string | undefined;
  /** The service's name, as the broker lists it. */
  readonly name: string;
  /** On how many servers of a cluster each stream is kept. */
  readonly replicas?: number;
}

/** The only way in which a service speaks: it publishes facts, sends notices and asks questions. */
export class Bus {
  readonly #jetstream: JetStreamClient;
  readonly #onReconnect = new Set<() => void>();
  readonly #onGap = new Set<() => void>();
  #connected = true;

  private constructor(
    readonly connection: NatsConnection,
    readonly replicas: number,
  ) {
    this.#jetstream = jetstream(connection);
    this.#followConnection().catch(() => {
      this.#connected = false;
    });
  }

  /** Connects, and stays connected: a broker that is away is tried again for as long as the service lives. */
  static async connect({ servers, token, name, replicas = 1 }: BusOptions): Promise<Bus> {
    const connection = await connect({
      servers: servers.split(','),
      name,
      ...(token ? { token } : {}),
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      reconnectJitter: 200,
      waitOnFirstConnect: true,
      pingInterval: 20_000,
    });
    return new Bus(connection, replicas);
  }

  /** Whether the broker answers now. */
  get isConnected(): boolean {
    return this.#connected;
  }

  /** Calls the listener after each lost connection, once the broker answers again. Returns what removes the listener. */
  onReconnect(listener: () => void): () => void {
    this.#onReconnect.add(listener);
    return () => this.#onReconnect.delete(listener);
  }

  /**
   * Calls the listener when facts may have been lost: streams and durables are repaired by then, and a read model has to
   * be compared with its owner. Returns what removes the listener.
   */
  onGap(listener: () => void): () => void {
    this.#onGap.add(listener);
    return () => this.#onGap.delete(listener);
  }

  /** Reports that facts may have been lost. */
  reportGap(): void {
    for (const listener of this.#onGap) listener();
  }

  /** Stores a fact; resolves when the broker has it on disk. Retries keep the same id, so the fact is stored once. */
  async publish<C extends EventContract>(contract: C, data: Data<C>): Promise<void> {
    const parsed = contract.schema.parse(data);
    const options = { msgID: messageId(contract.subject, contract.key(parsed)), timeout: PUBLISH_ATTEMPT_MS };
    const deadline = performance.now() + PUBLISH_LIMIT_MS;
    for (;;) {
      try {
        await this.#jetstream.publish(contract.subject, JSON.stringify(parsed), options);
        return;
      } catch (error) {
        if (performance.now() > deadline || this.connection.isClosed()) throw notStored(contract.subject, error);
        await delay(PUBLISH_PAUSE_MS);
      }
    }
  }

  /** Sends a live notice to whoever listens; one that nobody can hear now is lost. */
  signal<C extends SignalContract>(contract: C, data: Data<C>): void {
    if (!this.connection.isClosed()) this.connection.publish(contract.subject, encode(contract.schema.parse(data)));
  }

  /** Asks a question; rejects with a {@link RequestFailure}. */
  async request<C extends RequestContract>(
    contract: C,
    question: RequestInput<C>,
    options: { signal?: AbortSignal } = {},
  ): Promise<ReplyOf<C>> {
    options.signal?.throwIfAborted();
    const body = encode(contract.request.parse(question));
    const reply = await this.connection
      .request(contract.subject, body, { timeout: contract.timeoutMs })
      .catch((error: unknown) => Promise.reject(notAnswered(contract.subject, error)));
    options.signal?.throwIfAborted();
    const failure = readFailure(reply.headers);
    if (failure) throw failure;
    return contract.reply.parse(reply.json()) as ReplyOf<C>;
  }

  /** Asks a question that has a series of replies; leaving the loop, or the signal, ends it. */
  async *requestMany<C extends RequestManyContract>(
    contract: C,
    question: RequestInput<C>,
    options: { signal?: AbortSignal } = {},
  ): AsyncGenerator<ReplyOf<C>> {
    const inbox = createInbox();
    const replies = this.connection.subscribe(inbox);
    const end = AbortSignal.any([AbortSignal.timeout(contract.timeoutMs), ...(options.signal ? [options.signal] : [])]);
    const stop = () => replies.unsubscribe();
    end.addEventListener('abort', stop, { once: true });
    try {
      if (end.aborted) return;
      this.connection.publish(contract.subject, encode(contract.request.parse(question)), { reply: inbox });
      for await (const reply of replies) {
        const failure = readFailure(reply.headers);
        if (failure) throw failure;
        if (reply.headers?.code === 503)
          throw new RequestFailure('unavailable', `nobody serves ${contract.subject} now`);
        if (reply.data.length === 0) return;
        yield contract.reply.parse(reply.json()) as ReplyOf<C>;
      }
    } finally {
      end.removeEventListener('abort', stop);
      stop();
    }
  }

  /** Listens to facts or notices as they happen, from now on; what is said while nobody listens is missed. */
  async *watch<C extends EventContract | SignalContract>(contract: C, signal: AbortSignal): AsyncGenerator<Data<C>> {
    if (signal.aborted) return;
    const subscription = this.connection.subscribe(contract.subject);
    const stop = () => subscription.unsubscribe();
    signal.addEventListener('abort', stop, { once: true });
    try {
      for await (const message of subscription) {
        const parsed = readMessage(contract.schema, message);
        if (parsed?.success) yield parsed.data as Data<C>;
      }
    } finally {
      signal.removeEventListener('abort', stop);
      stop();
    }
  }

  async #followConnection(): Promise<void> {
    for await (const { type } of this.connection.status()) {
      if (type === 'disconnect') this.#connected = false;
      if (type !== 'reconnect') continue;
      this.#connected = true;
      for (const listener of this.#onReconnect) listener();
    }
    this.#connected = false;
  }

  /** Sends what is still unsent, then closes; when the broker is away, there is nobody to send it to. */
  async close(): Promise<void> {
    if (this.connection.isClosed()) return;
    await this.connection.drain().catch(() => this.connection.close());
  }
}

/** What came in a message; undefined when it is not even JSON. */
function readMessage<T extends z.ZodType>(schema: T, message: Msg) {
  try {
    return schema.safeParse(message.json());
  } catch {
    return undefined;
  }
}

/** The natural key as a header can hold it: a file's name may have line ends, a header may not. */
const messageId = (subject: string, key: string): string =>
  `${subject}:${createHash('sha256').update(key).digest('base64url')}`;

const encode = (value: unknown): string => JSON.stringify(value);

function notStored(subject: string, cause: unknown): Error {
  const reason = describeError(cause);
  return new Error(`${subject} could not be stored within ${PUBLISH_LIMIT_MS / 1000} s: ${reason}`, { cause });
}

function notAnswered(subject: string, cause: unknown): RequestFailure {
  const nobody = cause instanceof errors.RequestError && cause.isNoResponders();
  const message = nobody ? `nobody serves ${subject} now` : `${subject} was not answered: ${describeError(cause)}`;
  return new RequestFailure('unavailable', message, { cause });
}
