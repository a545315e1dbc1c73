import { z } from 'zod';

/** One part of what the node's owner wants, kept across restarts: a desired state, not what is true. */
export interface SettingsSection<T extends z.ZodType = z.ZodType> {
  readonly kind: 'settings';
  /** Its name in the store and in the API: `/api/v1/settings/<name>`. */
  readonly name: string;
  /** Every field has a default: a section that was never written is `schema.parse({})`. */
  readonly schema: T;
}

/** A section's value. */
export type SettingsOf<S> = S extends SettingsSection<infer T> ? z.output<T> : never;

/** Defines a section of the settings. */
export const settings = <T extends z.ZodType>(definition: Omit<SettingsSection<T>, 'kind'>): SettingsSection<T> => ({
  kind: 'settings',
  ...definition,
});

/** The store's key-value bucket. */
export const SETTINGS_BUCKET = 'settings';
