import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Data,
  type EventContract,
  type ReplyOf,
  type RequestContract,
  type RequestInput,
  type RequestManyContract,
  type SignalContract,
  inboxPrefix,
} from '@allibrary/contracts';
import { type JetStreamClient, jetstream } from '@nats-io/jetstream';
import {
  connect,
  createInbox,
  errors,
  type Msg,
  type NatsConnection,
  type NodeConnectionOptions,
} from '@nats-io/transport-node';
import { raceSignal } from 'race-signal';
import type { z } from 'zod';
import { readFailure } from './failure-headers.ts';
import { describeError } from './describe-error.ts';
import { NotStored, RequestFailure, toRequestFailure } from './failures.ts';

/** A NATS cluster that changes its leader takes 6 to 7 s in which nothing is stored; a publisher outlasts that. */
const PUBLISH_LIMIT_MS = 10_000;
const PUBLISH_ATTEMPT_MS = 2_000;
const PUBLISH_PAUSE_MS = 250;
/** A failure to store is reported for so long: a publisher whose event counts has tried again by then. */
const FAILURE_COUNTS_MS = 30_000;
const API_LIMIT_MS = 1_500;

/** Where the broker is and who asks. */
export interface BusOptions {
  /** One URL, or those of a cluster with commas between them. */
  readonly servers: string;
  readonly token?: string | undefined;
  /** The NATS user; without one the token counts. */
  readonly user?: { readonly name: string; readonly password: string } | undefined;
  /** The service's name: how the broker lists it, and where its replies are sent. */
  readonly name: string;
  /** On how many servers of a cluster each stream is kept. */
  readonly replicas?: number;
}

/** The only way in which a service communicates: it publishes facts, sends notices and asks questions. */
export class Bus {
  readonly #jetstream: JetStreamClient;
  readonly #onReconnect = new Set<() => void>();
  readonly #onGap = new Set<() => void>();
  readonly #inboxPrefix: string;
  #connected = true;
  #storeFailure: { readonly reason: string; readonly atMs: number } | undefined;

  private constructor(
    readonly connection: NatsConnection,
    readonly replicas: number,
    name: string,
  ) {
    this.#jetstream = jetstream(connection);
    this.#inboxPrefix = inboxPrefix(name);
    this.#followConnection().catch(() => {
      this.#connected = false;
    });
  }

  /** Connects, and stays connected: a broker that is away is tried again for as long as the service lives. */
  static async connect({ servers, token, user, name, replicas = 1 }: BusOptions): Promise<Bus> {
    const connection = await connect({
      servers: servers.split(','),
      name,
      ...credentials(user, token),
      inboxPrefix: inboxPrefix(name),
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      reconnectJitter: 200,
      waitOnFirstConnect: true,
      pingInterval: 20_000,
    });
    return new Bus(connection, replicas, name);
  }

  /** Why nothing can be stored now; null when the broker stores, as far as this process knows. */
  async problem(): Promise<string | null> {
    if (!this.#connected) return 'nats-server does not answer';
    const failure = this.#storeFailure;
    if (failure && performance.now() - failure.atMs < FAILURE_COUNTS_MS)
      return `the bus cannot store: ${failure.reason}`;
    try {
      const reply = await this.connection.request('$JS.API.INFO', undefined, { timeout: API_LIMIT_MS });
      const { error } = reply.json<{ error?: { description?: string } }>();
      return error ? `the bus cannot store: ${error.description ?? 'JetStream is off'}` : null;
    } catch (error) {
      return `the bus cannot store: JetStream does not answer (${describeError(error)})`;
    }
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
        this.#storeFailure = undefined;
        return;
      } catch (error) {
        this.#storeFailure = { reason: describeError(error), atMs: performance.now() };
        if (performance.now() > deadline || this.connection.isClosed()) throw notStored(contract.subject, error);
        await delay(PUBLISH_PAUSE_MS);
      }
    }
  }

  /** Sends a live notice to whoever listens; one that nobody can hear now is lost. */
  signal<C extends SignalContract>(contract: C, data: Data<C>): void {
    if (!this.connection.isClosed()) this.connection.publish(contract.subject, encode(contract.schema.parse(data)));
  }

  /** Sends a request and returns its reply; rejects with a {@link RequestFailure}, or at once with the reason of the signal. */
  async request<C extends RequestContract>(
    contract: C,
    question: RequestInput<C>,
    options: { signal?: AbortSignal } = {},
  ): Promise<ReplyOf<C>> {
    options.signal?.throwIfAborted();
    const body = encode(parseQuestion(contract, question));
    const replied = this.connection
      .request(contract.subject, body, { timeout: contract.timeoutMs })
      .catch((error: unknown) => Promise.reject(notAnswered(contract.subject, error)));
    const reply = await raceSignal(replied, options.signal);
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
    const inbox = createInbox(this.#inboxPrefix);
    const replies = this.connection.subscribe(inbox);
    const end = AbortSignal.any([AbortSignal.timeout(contract.timeoutMs), ...(options.signal ? [options.signal] : [])]);
    const stop = () => replies.unsubscribe();
    end.addEventListener('abort', stop, { once: true });
    try {
      if (end.aborted) return;
      this.connection.publish(contract.subject, encode(parseQuestion(contract, question)), { reply: inbox });
      for await (const reply of replies) {
        const failure = readFailure(reply.headers);
        if (failure) throw failure;
        if (reply.headers?.code === 503) throw new RequestFailure('unavailable', isAway(contract.subject));
        if (reply.data.length === 0) return;
        yield contract.reply.parse(reply.json()) as ReplyOf<C>;
      }
    } finally {
      end.removeEventListener('abort', stop);
      stop();
    }
  }

  /** Listens to facts or notices as they happen, from now on; what is published while nobody listens is missed. */
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
      this.#storeFailure = undefined; // it may be another server, which has refused nothing yet
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

function credentials(user: BusOptions['user'], token: string | undefined): Partial<NodeConnectionOptions> {
  if (user) return { user: user.name, pass: user.password };
  return token ? { token } : {};
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

/** Throws an `invalid` failure, not an internal one: the question may contain a client's own input. */
function parseQuestion<C extends RequestContract | RequestManyContract>({ request }: C, question: RequestInput<C>) {
  const { data, error } = request.safeParse(question);
  if (error) throw toRequestFailure(error);
  return data;
}

const encode = (value: unknown): string => JSON.stringify(value);

function notStored(subject: string, cause: unknown): NotStored {
  const reason = describeError(cause);
  return new NotStored(`${subject} could not be stored within ${PUBLISH_LIMIT_MS / 1000} s: ${reason}`, { cause });
}

/** Returns the service that answers a subject, by the subject's first part. */
function serviceOf(subject: string): string {
  const [owner = subject] = subject.split('.');
  return owner === 'p2p' ? 'p2p-node' : owner;
}

const isAway = (subject: string): string => `${serviceOf(subject)} is not running or still starting (${subject})`;

function notAnswered(subject: string, cause: unknown): RequestFailure {
  const nobody = cause instanceof errors.RequestError && cause.isNoResponders();
  const message = nobody ? isAway(subject) : `${serviceOf(subject)} did not answer ${subject}: ${describeError(cause)}`;
  return new RequestFailure('unavailable', message, { cause });
}
