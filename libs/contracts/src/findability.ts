import { z } from 'zod';
import { TimestampMs } from './content.ts';
import { settings } from './settings.ts';

/** Result of a self-check: a random sample of this node's documents, looked up in the network. */
export const Findability = z.object({
  /** Number of documents in the sample, and how many of them the network lists this node for. */
  sampled: z.int().nonnegative(),
  found: z.int().nonnegative(),
  /** Number of documents announced at that time, and the estimate, from the sample, of how many can be found. */
  announcedDocuments: z.int().nonnegative(),
  estimatedDocuments: z.int().nonnegative(),
  checkedAtMs: TimestampMs,
});
export type Findability = z.output<typeof Findability>;

/** Settings of the self-check, which verifies that others can find what this node shares. */
export const FindabilitySettings = settings({
  name: 'findability',
  schema: z.strictObject({
    /** Whether the self-check runs. */
    enabled: z.boolean().default(true),
    /** Number of documents in each sample. */
    sampleDocuments: z.int().min(1).max(1_000).default(50),
    everyMinutes: z.int().min(1).max(1_440).default(30),
  }),
});
