import { RequestFailure } from '@allibrary/messaging';
import { StandardSchemaValidationPipe, type StandardSchemaValidationPipeOptions } from '@nestjs/common';

/** Parses parameters and bodies by their zod schemas; the error names each problem. */
export const validationPipe = () =>
  new StandardSchemaValidationPipe({
    exceptionFactory: (issues) => new RequestFailure('invalid', issues.slice(0, 10).map(sentence).join('; ')),
  });

type Issue = Parameters<NonNullable<StandardSchemaValidationPipeOptions['exceptionFactory']>>[0][number];

function sentence({ path = [], message }: Issue): string {
  const where = path.map((step) => String(typeof step === 'object' ? step.key : step)).join('.');
  return where === '' ? message : `${where}: ${message}`;
}
