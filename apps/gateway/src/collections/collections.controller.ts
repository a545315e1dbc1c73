import type { ReplyFrom, RequestTo } from '@allibrary/api';
import {
  type CollectionStatus,
  CollectionsSettings,
  ConfirmDeletions,
  ListCollections,
  ScanCollection,
} from '@allibrary/contracts';
import { Bus, Settings } from '@allibrary/messaging';
import { Controller } from '@nestjs/common';
import { Handles } from '../http/handles.ts';

/** Folders that make up the library. */
@Controller()
export class CollectionsController {
  constructor(
    private readonly bus: Bus,
    private readonly settings: Settings,
  ) {}

  @Handles('GET /collections')
  async list(): Promise<ReplyFrom<'GET /collections'>> {
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

  @Handles('POST /collections/:id/scan')
  async scan({ params, body }: RequestTo<'POST /collections/:id/scan'>): Promise<void> {
    await this.bus.request(ScanCollection, { ...params, ...body });
  }

  @Handles('POST /collections/:id/confirm-deletions')
  confirm({ params }: RequestTo<'POST /collections/:id/confirm-deletions'>): Promise<CollectionStatus> {
    return this.bus.request(ConfirmDeletions, params);
  }
}
