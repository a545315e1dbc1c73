import {
  CheckSettings,
  ReadSettings,
  type ReplyOf,
  type RequestOf,
  SettingsChanged,
  type StoredSection,
  WriteSettings,
} from '@allibrary/contracts';
import { Controller, Inject } from '@nestjs/common';
import { Bus } from './bus.ts';
import { OnRequest } from './handlers.ts';
import { StoredSettings } from './stored-settings.ts';

/** Requests about the settings, answered by the service that stores them. */
@Controller()
export class SettingsResponder {
  constructor(
    @Inject(StoredSettings) private readonly settings: StoredSettings,
    @Inject(Bus) private readonly bus: Bus,
  ) {}

  @OnRequest(ReadSettings)
  read({ section }: RequestOf<typeof ReadSettings>): Promise<StoredSection> {
    return this.settings.read(section);
  }

  @OnRequest(WriteSettings)
  async write({ section, value, seenRevision }: RequestOf<typeof WriteSettings>): Promise<StoredSection> {
    const written = await this.settings.write(section, value, seenRevision);
    this.bus.signal(SettingsChanged, { section, revision: written.revision });
    return written;
  }

  @OnRequest(CheckSettings)
  async check(_request: RequestOf<typeof CheckSettings>): Promise<ReplyOf<typeof CheckSettings>> {
    return { problem: await this.settings.problem() };
  }
}
