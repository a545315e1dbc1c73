import { z } from 'zod';
import { TimestampMs } from './content.ts';
import { settings } from './settings.ts';

/** What a node found when it asked the network for some of its own documents, drawn at random. */
export const Findability = z.object({
  /** How many documents were asked for, and how many of them the network names this node for. */
  sampled: z.int().nonnegative(),
  found: z.int().nonnegative(),
  /** The announced documents at that time, and how many of them can be found, going by the sample. */
  announcedDocuments: z.int().nonnegative(),
  estimatedDocuments: z.int().nonnegative(),
  checkedAtMs: TimestampMs,
});
export type Findability = z.output<typeof Findability>;

/** How a node checks that others can find what it shares. */
export const FindabilitySettings = settings({
  name: 'findability',
  schema: z.strictObject({
    /** Whether it checks at all. */
    enabled: z.boolean().default(true),
    /** How many documents are asked for each time. */
    sampleDocuments: z.int().min(1).max(1_000).default(50),
    everyMinutes: z.int().min(1).max(1_440).default(30),
  }),
});
