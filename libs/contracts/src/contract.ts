import type { z } from 'zod';
import type { StreamName } from './streams.ts';

/** A stored fact on a JetStream stream: delivered at least once, deduplicated by `key(data)`. */
export interface EventContract<T extends z.ZodType = z.ZodType> {
  readonly kind: 'event';
  readonly stream: StreamName;
  readonly subject: string;
  readonly schema: T;
  /** The natural key of one fact; a retry of the same fact has the same key. */
  readonly key: (data: z.output<T>) => string;
}

/** A message to current listeners: never stored, may be missed. */
export interface SignalContract<T extends z.ZodType = z.ZodType> {
  readonly kind: 'signal';
  readonly subject: string;
  readonly schema: T;
}

/** A request with exactly one reply or one typed error. */
export interface RequestContract<Q extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> {
  readonly kind: 'request';
  readonly subject: string;
  readonly request: Q;
  readonly reply: R;
  readonly timeoutMs: number;
}

/** A request with a series of replies, ended by the responder. */
export interface RequestManyContract<Q extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> {
  readonly kind: 'request-many';
  readonly subject: string;
  readonly request: Q;
  readonly reply: R;
  /** The time limit of the whole exchange. */
  readonly timeoutMs: number;
}

/** Any message on the bus. */
export type Contract = EventContract | SignalContract | RequestContract | RequestManyContract;

/** The payload of an event or a signal. */
export type Data<C> = C extends EventContract<infer T> | SignalContract<infer T> ? z.output<T> : never;
/** The payload of a request, as the responder sees it. */
export type RequestOf<C> = C extends RequestContract<infer Q, z.ZodType> | RequestManyContract<infer Q, z.ZodType>
  ? z.output<Q>
  : never;
/** The payload of a request, as the requester may write it (defaults omitted). */
export type RequestInput<C> = C extends RequestContract<infer Q, z.ZodType> | RequestManyContract<infer Q, z.ZodType>
  ? z.input<Q>
  : never;
/** One reply to a request. */
export type ReplyOf<C> = C extends RequestContract<z.ZodType, infer R> | RequestManyContract<z.ZodType, infer R>
  ? z.output<R>
  : never;

/** Defines an event. */
export const event = <T extends z.ZodType>(definition: Omit<EventContract<T>, 'kind'>): EventContract<T> => ({
  kind: 'event',
  ...definition,
});

/** Defines a signal. */
export const signal = <T extends z.ZodType>(definition: Omit<SignalContract<T>, 'kind'>): SignalContract<T> => ({
  kind: 'signal',
  ...definition,
});

/** Defines a request with one reply. */
export const request = <Q extends z.ZodType, R extends z.ZodType>(
  definition: Omit<RequestContract<Q, R>, 'kind'>,
): RequestContract<Q, R> => ({ kind: 'request', ...definition });

/** Defines a request with a series of replies. */
export const requestMany = <Q extends z.ZodType, R extends z.ZodType>(
  definition: Omit<RequestManyContract<Q, R>, 'kind'>,
): RequestManyContract<Q, R> => ({ kind: 'request-many', ...definition });
