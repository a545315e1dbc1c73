import { SETTINGS_SECTIONS } from '@allibrary/contracts';
import type { JetStreamManager } from '@nats-io/jetstream';
import type { Bus } from './bus.ts';
import { existingStream, jetStreamReady } from './streams.ts';

/** The stream behind the key-value bucket in which versions until 0.1 kept the settings. */
const STREAM = 'KV_settings';

/** The settings of a node that was last run by a version which kept them on the bus. */
export class LegacySettings {
  constructor(private readonly bus: Bus) {}

  /** The value of each section that was written; null when no such version ever ran here. */
  async read(): Promise<Record<string, unknown> | null> {
    const manager = await jetStreamReady(this.bus);
    if (!(await existingStream(manager, STREAM))) return null;
    const sections: Record<string, unknown> = {};
    for (const { name } of SETTINGS_SECTIONS) {
      const value = await lastValue(manager, name);
      if (value !== undefined) sections[name] = value;
    }
    return sections;
  }

  /** Deletes them, once they are stored elsewhere. */
  async remove(): Promise<void> {
    const manager = await jetStreamReady(this.bus);
    await manager.streams.delete(STREAM);
  }
}

async function lastValue(manager: JetStreamManager, section: string): Promise<unknown> {
  const message = await manager.streams.getMessage(STREAM, { last_by_subj: `$KV.settings.${section}` });
  return message && message.data.length > 0 ? message.json() : undefined;
}
