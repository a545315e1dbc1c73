/** Why a stream, or a connection with all its streams, was ended. The names are labels of a metric. */
export const STREAM_REFUSALS = [
  'too-fast',
  'too-many-of-peer',
  'too-many-of-subnet',
  'too-many-in-total',
  'too-many-bytes',
  'frame-too-long',
  'too-much-unread',
] as const;
export type StreamRefusal = (typeof STREAM_REFUSALS)[number];

/** Names of the limits on the number of streams. */
export const REFUSAL_OF = {
  'of-holder': 'too-many-of-peer',
  'of-subnet': 'too-many-of-subnet',
  'in-total': 'too-many-in-total',
} as const;
