import { describeError } from '@allibrary/messaging';
import type { LogSums, Logger } from '@allibrary/platform';
import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { toHttpError } from './http-error.ts';

/** Answers every error in one form; an answer that has begun can only be broken off. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  readonly #unserved: LogSums;

  constructor(private readonly logger: Logger) {
    this.#unserved = logger.sums('warn', { what: 'requests not served', isUrgent: true });
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    const { status, body } = toHttpError(error);
    if (status >= 500) this.#log(request, status, error);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    // Otherwise the client would go on to send a body that nobody reads.
    if (!request.complete) response.setHeader('Connection', 'close');
    if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer realm="AlLibrary"');
    response.status(status).json(body);
  }

  #log({ method, path }: Request, status: number, error: unknown): void {
    const fields = { method, url: path, status, error: describeError(error) };
    if (status === 503) this.#unserved.add(describeError(error), fields, `${method} ${path} not served`);
    else
      this.logger.error(
        { ...fields, stack: error instanceof Error ? error.stack : undefined },
        `${method} ${path} failed`,
      );
  }
}
