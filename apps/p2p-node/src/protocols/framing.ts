import { StreamBufferError, type Stream } from '@libp2p/interface';
import { InvalidDataLengthError, InvalidDataLengthLengthError, InvalidMessageLengthError } from '@libp2p/utils';

/** A peer violated the protocol. */
export class ProtocolViolation extends Error {
  override readonly name = 'ProtocolViolation';
}

const VIOLATIONS = [
  InvalidDataLengthError,
  InvalidDataLengthLengthError,
  InvalidMessageLengthError,
  StreamBufferError,
] as const;

/**
 * Returns a function that turns the failure of a read into a {@link ProtocolViolation} when the peer caused it: its frame is
 * too long, or it sent more than may wait. libp2p may report the latter as an end of the stream, so the reason for the end
 * is looked at as well.
 */
export function violationsOn(stream: Stream): (failure: unknown) => unknown {
  let endedBy: unknown;
  stream.addEventListener('close', ({ error }) => {
    endedBy = error;
  });
  return (failure) =>
    isViolation(failure) || isViolation(endedBy)
      ? new ProtocolViolation('frame too long', { cause: failure })
      : failure;
}

const isViolation = (error: unknown): boolean => VIOLATIONS.some((kind) => error instanceof kind);
