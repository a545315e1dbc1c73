import type {
  Data,
  EventContract,
  ReplyOf,
  RequestContract,
  RequestManyContract,
  RequestOf,
} from '@allibrary/contracts';
import { UseFilters } from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { PassThroughFilter } from './pass-through.filter.ts';

/** Marks the handlers that the JetStream transport serves. */
export const BUS_TRANSPORT = Symbol('allibrary-bus');

/** How one event handler wants its messages. */
export interface EventOptions {
  /** How many messages are handled at once. */
  readonly concurrency?: number;
  /** A message whose handler neither ends nor shows life for so long is delivered again. */
  readonly ackWaitMs?: number;
  /** The pauses before each retry; as many retries as there are pauses, then the dead letters. */
  readonly backoffMs?: readonly number[];
}

/** One delivery of an event. */
export interface Delivery {
  readonly subject: string;
  /** The id that deduplicates the fact. */
  readonly id: string;
  /** 1 on the first delivery. */
  readonly attempt: number;
  /** The fact's place in its stream: of two facts about one thing, the higher one is the later. */
  readonly sequence: number;
}

/** What a responder of many replies gets beside the question. */
export interface Exchange {
  /** Aborts when the time limit is over or the service stops. */
  readonly signal: AbortSignal;
}

/** The compiler rejects a method whose parameters or result are not the contract's. */
type HandlerDecorator<In, Context, Out> = <M extends (data: In, context: Context) => Out>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<M>,
) => void;

// Nest hands a handler its payload only: both arguments must be asked for by their decorators. And it replaces a
// handler's error by «Internal server error»: the filter hands it on as it is.
const decorate =
  <In, Context, Out>(pattern: MethodDecorator): HandlerDecorator<In, Context, Out> =>
  (target, key, descriptor) => {
    Payload()(target, key, 0);
    Ctx()(target, key, 1);
    UseFilters(PassThroughFilter)(target, key, descriptor as PropertyDescriptor);
    pattern(target, key, descriptor as PropertyDescriptor);
  };

/** Handles a fact, at least once, retried and dead-lettered as the options say. */
export const OnEvent = <C extends EventContract>(contract: C, options: EventOptions = {}) =>
  decorate<Data<C>, Delivery, Promise<void>>(
    EventPattern(contract.subject, BUS_TRANSPORT, { contract, options }) as MethodDecorator,
  );

/** Answers a question with one reply. */
export const OnRequest = <C extends RequestContract>(contract: C) =>
  decorate<RequestOf<C>, Exchange, ReplyOf<C> | Promise<ReplyOf<C>>>(
    MessagePattern(contract.subject, BUS_TRANSPORT, { contract }) as MethodDecorator,
  );

/** Answers a question with a series of replies, one for each value that the generator yields. */
export const OnRequestMany = <C extends RequestManyContract>(contract: C) =>
  decorate<RequestOf<C>, Exchange, AsyncIterable<ReplyOf<C>>>(
    MessagePattern(contract.subject, BUS_TRANSPORT, { contract }) as MethodDecorator,
  );
