/** The JetStream streams, each with its subjects; `libs/messaging` provisions them. */
export const STREAMS = {
  /** Facts about files and documents; enough, with the files, to rebuild every read model. */
  LIBRARY: { subjects: ['library.>'] },
  /** Requested downloads, and how each ended. */
  TRANSFERS: { subjects: ['transfers.>'] },
  /** Messages that were given up, each with its reason. */
  DEAD: { subjects: ['dead.>'] },
} as const;

/** The name of a stream. */
export type StreamName = keyof typeof STREAMS;
