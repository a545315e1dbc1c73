export * from './backlog.ts';
export * from './bus.ts';
export type { Settled } from './event-consumer.ts';
export * from './dead-letters.ts';
export * from './failures.ts';
export * from './handlers.ts';
export * from './jetstream-transport.ts';
export * from './settings.ts';
export { provisionStreams } from './streams.ts';
