/** The JetStream streams of the house, each with its subjects; `libs/messaging` provisions them. */
export const STREAMS = {
  /** Facts about files and documents; enough, with the files, to rebuild every read model. */
  LIBRARY: { subjects: ['library.>'] },
  /** Downloads that were asked for, and how each ended. */
  TRANSFERS: { subjects: ['transfers.>'] },
  /** Messages that no handler could settle, each with its reason. */
  DEAD: { subjects: ['dead.>'] },
} as const;

/** The name of a stream. */
export type StreamName = keyof typeof STREAMS;
