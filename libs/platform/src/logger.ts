import type { LoggerService } from '@nestjs/common';
import { type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino';
import { LogSums, type SumOptions } from './log-sums.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Writes one JSON line for each event: what happened, to what, why, and what to do next. */
export class Logger {
  readonly #pino: PinoLogger;
  /** Shared with the loggers that are made from this one. */
  readonly #sums: Set<LogSums>;

  constructor(options: { service: string; level: string } | PinoLogger, sums = new Set<LogSums>()) {
    this.#sums = sums;
    this.#pino =
      'service' in options
        ? pino({ level: options.level, base: { service: options.service }, timestamp: stdTimeFunctions.isoTime })
        : options;
  }

  /** A logger whose lines all carry the given fields. */
  with(fields: Fields): Logger {
    return new Logger(this.#pino.child(fields), this.#sums);
  }

  /** Sums of what happens often, at the given level, with each event at debug level; they live as long as the logger. */
  sums(level: 'info' | 'warn', options: SumOptions): LogSums {
    const writeAt = (at: 'debug' | 'info' | 'warn') => (fields: Fields, message: string) =>
      this.#write(at, { ...fields }, message);
    const sums = new LogSums(writeAt(level), options, writeAt('debug'));
    this.#sums.add(sums);
    return sums;
  }

  /** Logs the sums of the minute that is not over. */
  flush(): void {
    for (const sums of this.#sums) sums.flush();
  }

  debug(fields: Fields | string, message?: string): void {
    this.#write('debug', fields, message);
  }

  info(fields: Fields | string, message?: string): void {
    this.#write('info', fields, message);
  }

  warn(fields: Fields | string, message?: string): void {
    this.#write('warn', fields, message);
  }

  error(fields: Fields | string, message?: string): void {
    this.#write('error', fields, message);
  }

  #write(level: 'debug' | 'info' | 'warn' | 'error', fields: Fields | string, message?: string): void {
    if (typeof fields === 'string') this.#pino[level](fields);
    else this.#pino[level](fields, message);
  }
}

/** Writes Nest's messages in our format; its start-up messages are for debugging. */
export const nestLogger = (logger: Logger): LoggerService => ({
  log: (message: unknown, context?: unknown) => logger.debug({ context }, String(message)),
  debug: (message: unknown, context?: unknown) => logger.debug({ context }, String(message)),
  warn: (message: unknown, context?: unknown) => logger.warn({ context }, String(message)),
  error: (message: unknown, stack?: unknown, context?: unknown) => logger.error({ context, stack }, String(message)),
  fatal: (message: unknown, stack?: unknown, context?: unknown) => logger.error({ context, stack }, String(message)),
});
