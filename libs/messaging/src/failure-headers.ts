import { FailureCode } from '@allibrary/contracts';
import { headers, type MsgHdrs } from '@nats-io/transport-node';
import { describeError } from './describe-error.ts';
import { RequestFailure } from './failures.ts';

// The names that NATS's own service API uses, so that its tools show our errors too (ADR-32).
const CODE = 'Nats-Service-Error-Code';
const MESSAGE = 'Nats-Service-Error';

/** Writes a failure into the headers of a reply. */
export function failureHeaders(failure: RequestFailure): MsgHdrs {
  const result = headers();
  result.set(CODE, failure.code);
  result.set(MESSAGE, describeError(failure));
  return result;
}

/** Reads the failure from a reply's headers, if there is one. */
export function readFailure(received: MsgHdrs | undefined): RequestFailure | undefined {
  const code = received?.get(CODE);
  if (!code) return undefined;
  return new RequestFailure(FailureCode.catch('internal').parse(code), received?.get(MESSAGE) ?? '');
}
