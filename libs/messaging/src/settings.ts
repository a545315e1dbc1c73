import { SETTINGS_BUCKET, type SettingsOf, type SettingsSection } from '@allibrary/contracts';
import { type KV, type KvEntry, Kvm } from '@nats-io/kv';
import type { z } from 'zod';
import type { Bus } from './bus.ts';
import { RequestFailure, describeError } from './failures.ts';
import { existingStream, jetStreamReady, patiently, spread } from './streams.ts';

/** So many earlier values of a section are kept, for a person to look back at. */
const HISTORY = 10;

/** A section's value, and which write it stems from: 0 when it was never written. */
export interface Revised<T> {
  readonly value: T;
  readonly revision: number;
}

/** What the node's owner wants, shared by all services and kept across restarts. */
export class Settings {
  private constructor(private readonly bucket: KV) {}

  /** Opens the store, once JetStream answers. */
  static async open(bus: Bus): Promise<Settings> {
    const manager = await jetStreamReady(bus);
    // What was just written is read again: it is asked of the leader, for another server may be behind.
    const options = { history: HISTORY, replicas: bus.replicas, allow_direct: false };
    const store = new Kvm(bus.connection);
    const stream = `KV_${SETTINGS_BUCKET}`;
    // Only the service that owns the streams may create it: the others wait until it is there.
    const bucket = await patiently("the settings can't be opened", async () =>
      (await existingStream(manager, stream)) ? store.open(SETTINGS_BUCKET) : store.create(SETTINGS_BUCKET, options),
    );
    await spread(manager, stream, bus.replicas);
    return new Settings(bucket);
  }

  /** The section as it was last written; a value that this version can't read is an error, never a default. */
  async read<S extends SettingsSection>(section: S): Promise<Revised<SettingsOf<S>>> {
    const entry = await this.bucket.get(section.name);
    return readEntry(section, entry);
  }

  /**
   * Writes a section, and answers its new revision. With the revision that the writer has seen, it fails as
   * `conflict` when somebody else has written since.
   */
  async write<S extends SettingsSection>(
    section: S,
    value: z.input<S['schema']>,
    seenRevision?: number,
  ): Promise<Revised<SettingsOf<S>>> {
    const parsed = section.schema.parse(value) as SettingsOf<S>;
    const options = seenRevision === undefined ? {} : { previousSeq: seenRevision };
    const write = this.bucket.put(section.name, JSON.stringify(parsed), options);
    const revision = await write.catch((error: unknown) => {
      throw isWrongRevision(error) ? writtenSince(section.name) : error;
    });
    return { value: parsed, revision };
  }

  /** The section's value now and after each write, until the signal ends it; rejects when one can't be read. */
  async *follow<S extends SettingsSection>(section: S, signal: AbortSignal): AsyncGenerator<Revised<SettingsOf<S>>> {
    if (signal.aborted) return;
    const first = await this.read(section);
    yield first;
    const changes = await this.bucket.watch({ key: section.name });
    const stop = () => changes.stop();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop(); // while the watch was made nobody listened
    try {
      for await (const entry of changes) {
        if (signal.aborted) return;
        if (entry.revision > first.revision) yield readEntry(section, entry);
      }
    } finally {
      signal.removeEventListener('abort', stop);
      stop();
    }
  }
}

function readEntry<S extends SettingsSection>(section: S, entry: KvEntry | null): Revised<SettingsOf<S>> {
  const isWritten = entry?.operation === 'PUT';
  const parsed = section.schema.safeParse(isWritten ? entry.json() : {});
  if (!parsed.success) {
    throw new Error(
      `the settings "${section.name}" can't be read by this version (${describeError(parsed.error)}): write them anew`,
    );
  }
  return { value: parsed.data as SettingsOf<S>, revision: isWritten ? entry.revision : 0 };
}

const isWrongRevision = (error: unknown): boolean => describeError(error).includes('wrong last sequence');

const writtenSince = (name: string): RequestFailure =>
  new RequestFailure('conflict', `somebody has changed the settings "${name}" since you read them: read them again`);
