export * from './config.ts';
export * from './durable-file.ts';
export * from './durable-store.ts';
export * from './health.ts';
export * from './logger.ts';
export * from './metrics.ts';
export * from './read-model.ts';
export * from './run.ts';
export { DamagedFile, isDamage } from './sqlite-file.ts';
