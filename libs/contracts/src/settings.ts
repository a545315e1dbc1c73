import { z } from 'zod';
import { request, signal } from './contract.ts';

/** One section of the owner's desired state, kept across restarts. */
export interface SettingsSection<T extends z.ZodType = z.ZodType> {
  readonly kind: 'settings';
  /** Its name in the store and in the API: `/api/v1/settings/<name>`. */
  readonly name: string;
  /** Every field has a default: an unwritten section is `schema.parse({})`. Unknown fields are rejected. */
  readonly schema: T;
}

/** A section's value. */
export type SettingsOf<S> = S extends SettingsSection<infer T> ? z.output<T> : never;

/** Defines a section of the settings. */
export const settings = <T extends z.ZodType>(definition: Omit<SettingsSection<T>, 'kind'>): SettingsSection<T> => ({
  kind: 'settings',
  ...definition,
});

/** A stored section. */
export const StoredSection = z.object({
  /** The last written value; the defaults when it was never written. */
  value: z.unknown(),
  /** Number of the write that produced it, counted over all sections; 0 when it was never written. */
  revision: z.int().nonnegative(),
});
export type StoredSection = z.output<typeof StoredSection>;

const SectionName = z.string().min(1).max(50);

/** Returns one section of the settings from transfer, which owns them; `not-found` for an unknown section. */
export const ReadSettings = request({
  subject: 'transfer.settings.read',
  request: z.object({ section: SectionName }),
  reply: StoredSection,
  timeoutMs: 5_000,
});

/** Replaces one section; it is on disk before the reply. `conflict` when it was written since the given revision. */
export const WriteSettings = request({
  subject: 'transfer.settings.write',
  request: z.object({ section: SectionName, value: z.unknown(), seenRevision: z.int().nonnegative().optional() }),
  reply: StoredSection,
  timeoutMs: 10_000,
});

/** A section was written; a service that misses this signal reads the change at its next poll. */
export const SettingsChanged = signal({
  subject: 'live.settings.changed',
  schema: z.object({ section: SectionName, revision: z.int().positive() }),
});

/** Checks that the settings are valid; `problem` describes what is wrong and what the owner has to do. */
export const CheckSettings = request({
  subject: 'transfer.settings.check',
  request: z.object({}),
  reply: z.object({ problem: z.string().max(1_000).nullable() }),
  timeoutMs: 5_000,
});
