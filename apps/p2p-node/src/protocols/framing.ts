import { StreamBufferError } from '@libp2p/interface';
import { InvalidDataLengthError, InvalidDataLengthLengthError, InvalidMessageLengthError } from '@libp2p/utils';

const VIOLATIONS = [
  InvalidDataLengthError,
  InvalidDataLengthLengthError,
  InvalidMessageLengthError,
  StreamBufferError,
] as const;

/** Whether a frame could not be read because its sender broke the rules: too long, or more behind it than may wait. */
export const isFramingViolation = (error: unknown): boolean => VIOLATIONS.some((kind) => error instanceof kind);
