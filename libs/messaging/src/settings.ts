import { setTimeout as delay } from 'node:timers/promises';
import { SettingsChanged, type SettingsOf, type SettingsSection, type StoredSection } from '@allibrary/contracts';
import type { z } from 'zod';
import type { Bus } from './bus.ts';
import { describeError } from './describe-error.ts';
import { RemoteSettings, type StoredSettings } from './stored-settings.ts';

/** A change whose notice was missed is found within this time. */
const RECHECK_MS = 5_000;
/** The owner of the settings may be starting. */
const RETRY_MS = 250;

/** A section's value, and the write that it stems from: 0 when it was never written. */
export interface Revised<T> {
  readonly value: T;
  readonly revision: number;
}

/** What the node's owner wants. The bus only carries it: transfer stores it. */
export class Settings {
  readonly #bus: Bus;
  readonly #stored: StoredSettings;

  /** Without a store in this process, the service that owns the settings is asked. */
  constructor(bus: Bus, stored: StoredSettings = new RemoteSettings(bus)) {
    this.#bus = bus;
    this.#stored = stored;
  }

  /** The section as it was last written; a value that this version can't read is an error, never a default. */
  async read<S extends SettingsSection>(section: S): Promise<Revised<SettingsOf<S>>> {
    return parseSection(section, await this.#stored.read(section.name));
  }

  /**
   * Writes a section, and returns its new revision once it is on disk. With the revision that the writer has seen, it
   * fails as `conflict` when somebody else has written since.
   */
  async write<S extends SettingsSection>(
    section: S,
    value: z.input<S['schema']>,
    seenRevision?: number,
  ): Promise<Revised<SettingsOf<S>>> {
    return parseSection(section, await this.#stored.write(section.name, value, seenRevision));
  }

  /** The section as soon as it can be read; rejects only when the signal ends the wait. */
  async first<S extends SettingsSection>(section: S, signal: AbortSignal): Promise<SettingsOf<S>> {
    for await (const { value } of this.follow(section, signal)) return value;
    throw signal.reason;
  }

  /**
   * Yields the section's value now and after each write, until the signal ends it. While it can't be read, nothing is yielded:
   * the last value stays in force, and where there is none yet, the caller must assume the safest one.
   */
  async *follow<S extends SettingsSection>(section: S, signal: AbortSignal): AsyncGenerator<Revised<SettingsOf<S>>> {
    const changes = new ChangeNotices(this.#bus, section.name, signal);
    let revision: number | undefined;
    while (!signal.aborted) {
      const changed = changes.next(); // begins to wait before the section is read: no change falls between the two
      const current = await this.read(section).catch(() => undefined);
      if (signal.aborted) return;
      if (current && current.revision !== revision) {
        revision = current.revision;
        yield current;
      }
      await Promise.race([changed, delay(current ? RECHECK_MS : RETRY_MS, undefined, { signal }).catch(() => {})]);
    }
  }
}

/** Wakes a follower when its section was written. */
class ChangeNotices {
  #next = Promise.withResolvers<void>();

  constructor(bus: Bus, section: string, signal: AbortSignal) {
    const watch = async () => {
      for await (const change of bus.watch(SettingsChanged, signal)) if (change.section === section) this.#wake();
    };
    // Without notices the follower looks again by itself.
    watch().catch(() => {});
  }

  /** Resolves at the next change. */
  next(): Promise<void> {
    return this.#next.promise;
  }

  #wake(): void {
    this.#next.resolve();
    this.#next = Promise.withResolvers();
  }
}

function parseSection<S extends SettingsSection>(
  section: S,
  { value, revision }: StoredSection,
): Revised<SettingsOf<S>> {
  const parsed = section.schema.safeParse(revision === 0 ? {} : value);
  if (parsed.success) return { value: parsed.data as SettingsOf<S>, revision };
  throw new Error(
    `This version can't read the settings "${section.name}": ${describeError(parsed.error)}. Write them again.`,
  );
}
