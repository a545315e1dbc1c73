import { describeError } from '@allibrary/messaging';
import { Logger } from '@allibrary/platform';
import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { toHttpError } from './http-error.ts';

/** Answers every error in one form; an answer that has begun can only be broken off. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    const { status, body } = toHttpError(error);
    if (status >= 500) this.#log(request, status, error);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer realm="AlLibrary"');
    response.status(status).json(body);
  }

  #log({ method, path }: Request, status: number, error: unknown): void {
    const fields = { method, path, status, error: describeError(error) };
    if (status === 503) this.logger.warn(fields, `${method} ${path} could not be served now`);
    else
      this.logger.error(
        { ...fields, stack: error instanceof Error ? error.stack : undefined },
        `${method} ${path} failed`,
      );
  }
}
