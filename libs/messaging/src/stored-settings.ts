import { CheckSettings, ReadSettings, type StoredSection, WriteSettings } from '@allibrary/contracts';
import type { Bus } from './bus.ts';

/** Where the sections of the settings are stored: in this process, or with the service that owns them. */
export abstract class StoredSettings {
  /** The section as it was last written; rejects as `not-found` when there is no such section. */
  abstract read(section: string): Promise<StoredSection>;

  /** Replaces a section; it is on disk when this resolves. Rejects as `invalid` or `conflict` with what to change. */
  abstract write(section: string, value: unknown, seenRevision?: number): Promise<StoredSection>;

  /** What is wrong with the settings, and what their owner has to do; null when they are sound. */
  abstract problem(): Promise<string | null>;
}

/** The settings behind requests to the service that owns them. */
export class RemoteSettings extends StoredSettings {
  constructor(private readonly bus: Bus) {
    super();
  }

  override read(section: string): Promise<StoredSection> {
    return this.bus.request(ReadSettings, { section });
  }

  override write(section: string, value: unknown, seenRevision?: number): Promise<StoredSection> {
    const seen = seenRevision === undefined ? {} : { seenRevision };
    return this.bus.request(WriteSettings, { section, value, ...seen });
  }

  override async problem(): Promise<string | null> {
    return (await this.bus.request(CheckSettings, {})).problem;
  }
}
