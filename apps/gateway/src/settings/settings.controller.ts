import type { RequestTo } from '@allibrary/api';
import type { StoredSection } from '@allibrary/contracts';
import { StoredSettings } from '@allibrary/messaging';
import { Controller } from '@nestjs/common';
import { Handles } from '../http/handles.ts';

/** Settings of this node. A section has a revision, to be sent in If-Match with a change. */
@Controller()
export class SettingsController {
  constructor(private readonly settings: StoredSettings) {}

  @Handles('GET /settings/:section')
  read({ params }: RequestTo<'GET /settings/:section'>): Promise<StoredSection> {
    return this.settings.read(params.section);
  }

  @Handles('PUT /settings/:section')
  write({ params, headers, body }: RequestTo<'PUT /settings/:section'>): Promise<StoredSection> {
    return this.settings.write(params.section, body ?? null, headers['if-match']);
  }
}
