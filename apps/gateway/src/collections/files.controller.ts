import { CollectionId, CollectionsSettings, ExplainFile, GetFile } from '@allibrary/contracts';
import { Bus, RequestFailure, Settings } from '@allibrary/messaging';
import { Get, Query } from '@nestjs/common';
import { z } from 'zod';
import { locationOf } from './location-of.ts';
import { Answers, ApiController } from '../http/api-controller.ts';

const FileQuery = z.object({ path: z.string().min(1).max(8_192), collection: CollectionId.optional() });

/** Whether a file is shared, and why not. */
@ApiController('files')
export class FilesController {
  constructor(
    private readonly bus: Bus,
    private readonly settings: Settings,
  ) {}

  @Get()
  @Answers('State of a file. The path is absolute, or inside the named collection.', 200, GetFile.reply)
  async explain(
    @Query({ schema: FileQuery }) query: z.output<typeof FileQuery>,
  ): Promise<z.output<typeof GetFile.reply>> {
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
