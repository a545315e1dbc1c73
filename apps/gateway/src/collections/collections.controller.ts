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

/** What the owner wants of a collection, and how it stands; null until the watcher has taken it in. */
const CollectionAnswer = Collection.extend({ status: CollectionStatus.nullable() });
const CollectionList = z.object({ items: z.array(CollectionAnswer), nextCursor: z.null() });
const ScanWish = ScanCollection.request.omit({ id: true });

/** The folders that make up the library. */
@ApiController('collections')
export class CollectionsController {
  constructor(
    private readonly bus: Bus,
    private readonly settings: Settings,
  ) {}

  @Get()
  @Answers('The collections and how each stands, all on one page.', 200, CollectionList)
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
  @Answers('Look through a collection now, or through one folder of it.', 202)
  async scan(
    @Param('id', { schema: CollectionId }) id: string,
    @Body({ schema: ScanWish }) wish: z.output<typeof ScanWish>,
  ): Promise<void> {
    await this.bus.request(ScanCollection, { id, ...wish });
  }

  @Post(':id/confirm-deletions')
  @Answers('Say that what vanished from a frozen collection was really deleted.', 200, CollectionStatus)
  confirm(@Param('id', { schema: CollectionId }) id: string): Promise<CollectionStatus> {
    return this.bus.request(ConfirmDeletions, { id });
  }
}
