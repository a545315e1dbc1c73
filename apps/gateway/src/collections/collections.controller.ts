import {
  Collection,
  CollectionId,
  CollectionStatus,
  CollectionsSettings,
  ConfirmDeletions,
  ListCollections,
  ScanCollection,
} from '@allibrary/contracts';
import { Bus, Settings } from '@allibrary/messaging';
import { Body, Get, Param, Post } from '@nestjs/common';
import { z } from 'zod';
import { Answers, ApiController } from '../http/api-controller.ts';

/** A collection's settings and its status, which is null until the watcher has opened it. */
const CollectionAnswer = Collection.extend({ status: CollectionStatus.nullable() });
const CollectionList = z.object({ items: z.array(CollectionAnswer), nextCursor: z.null() });
const ScanScope = ScanCollection.request.omit({ id: true });

/** Folders that make up the library. */
@ApiController('collections')
export class CollectionsController {
  constructor(
    private readonly bus: Bus,
    private readonly settings: Settings,
  ) {}

  @Get()
  @Answers('Collections with their status, all on one page.', 200, CollectionList)
  async list(): Promise<z.output<typeof CollectionList>> {
    const [{ value }, { items }] = await Promise.all([
      this.settings.read(CollectionsSettings),
      this.bus.request(ListCollections, {}),
    ]);
    const statuses = new Map(items.map((status) => [status.id, status]));
    const withStatus = value.collections.map((collection) => ({
      ...collection,
      status: statuses.get(collection.id) ?? null,
    }));
    return { items: withStatus, nextCursor: null };
  }

  @Post(':id/scan')
  @Answers('Scan a collection now, or one folder of it.', 202)
  async scan(
    @Param('id', { schema: CollectionId }) id: string,
    @Body({ schema: ScanScope }) scope: z.output<typeof ScanScope>,
  ): Promise<void> {
    await this.bus.request(ScanCollection, { id, ...scope });
  }

  @Post(':id/confirm-deletions')
  @Answers('Confirm that the files missing from a frozen collection were deleted.', 200, CollectionStatus)
  confirm(@Param('id', { schema: CollectionId }) id: string): Promise<CollectionStatus> {
    return this.bus.request(ConfirmDeletions, { id });
  }
}
