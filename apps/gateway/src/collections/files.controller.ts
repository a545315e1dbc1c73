import type { ReplyFrom, RequestTo } from '@allibrary/api';
import { CollectionsSettings, ExplainFile, GetFile } from '@allibrary/contracts';
import { Bus, RequestFailure, Settings } from '@allibrary/messaging';
import { Controller } from '@nestjs/common';
import { Handles } from '../http/handles.ts';
import { locationOf } from './location-of.ts';

/** Whether a file is shared, and why not. */
@Controller()
export class FilesController {
  constructor(
    private readonly bus: Bus,
    private readonly settings: Settings,
  ) {}

  @Handles('GET /files')
  async explain({ query }: RequestTo<'GET /files'>): Promise<ReplyFrom<'GET /files'>> {
    const { value } = await this.settings.read(CollectionsSettings);
    const location = locationOf(query, value.collections);
    if (!location)
      throw new RequestFailure(
        'not-found',
        `${query.path} is in no collection of this node. GET /api/v1/collections lists their folders.`,
      );
    const seen = await this.bus.request(ExplainFile, location);
    // The watcher has published it; transfer knows its state from here on.
    return seen.state === 'hashing' ? this.bus.request(GetFile, location) : { ...seen, documentId: null };
  }
}
