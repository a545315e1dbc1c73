import type { RequestContract, RequestManyContract } from '@allibrary/contracts';
import type { Msg, Subscription } from '@nats-io/transport-node';
import type { Bus } from './bus.ts';
import { failureHeaders } from './failure-headers.ts';
import { toRequestFailure } from './failures.ts';
import type { Exchange } from './handlers.ts';
import { InFlight } from './in-flight.ts';

/** A handler of one question: a reply, or an iterable of replies. */
export type RequestHandler = (question: unknown, exchange: Exchange) => Promise<unknown>;

/** Who answers what. */
export interface ResponderOptions {
  readonly bus: Bus;
  /** The queue group: each question reaches one replica of the service. */
  readonly service: string;
  readonly contract: RequestContract | RequestManyContract;
  readonly handler: RequestHandler;
  /** Receives the failures that are defects in our code. */
  readonly onInternalFailure: (subject: string, error: unknown) => void;
}

/**
 * Whether replies may be sent to a subject. The sender chooses it, and the broker lets a responder send there: any other
 * subject would make this service publish what the sender may not.
 */
const isInbox = (reply: string | undefined): boolean => reply?.startsWith('_INBOX.') ?? false;

/** Answers the questions of one contract. */
export class Responder {
  readonly #inFlight = new InFlight();
  readonly #stopping = new AbortController();
  #subscription: Subscription | undefined;

  constructor(private readonly setup: ResponderOptions) {}

  /** Starts to answer. */
  start(): void {
    this.#subscription = this.setup.bus.connection.subscribe(this.setup.contract.subject, {
      queue: this.setup.service,
      callback: (error, message) => {
        if (!error && isInbox(message.reply)) this.#inFlight.add(this.#answer(message));
      },
    });
  }

  /** Takes no more questions, and ends the answers in hand. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the service stops'));
    if (!this.setup.bus.connection.isClosed()) await this.#subscription?.drain();
    await this.#inFlight.allEnded();
  }

  async #answer(message: Msg): Promise<void> {
    const { contract, handler } = this.setup;
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(contract.timeoutMs)]);
    try {
      const answer = await handler(contract.request.parse(message.json()), { signal });
      if (contract.kind === 'request') message.respond(JSON.stringify(contract.reply.parse(answer)));
      else await this.#answerMany(message, contract, answer as AsyncIterable<unknown>);
    } catch (error) {
      const failure = toRequestFailure(error);
      if (failure.code === 'internal') this.setup.onInternalFailure(contract.subject, error);
      if (!this.setup.bus.connection.isClosed()) message.respond(undefined, { headers: failureHeaders(failure) });
    }
  }

  /** An empty reply ends the series, as NATS tools expect it. */
  async #answerMany(message: Msg, contract: RequestManyContract, replies: AsyncIterable<unknown>): Promise<void> {
    for await (const reply of replies) message.respond(JSON.stringify(contract.reply.parse(reply)));
    message.respond();
  }
}
