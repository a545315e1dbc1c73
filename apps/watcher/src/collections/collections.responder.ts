import {
  type CollectionId,
  ConfirmDeletions,
  ExplainFile,
  ListCollections,
  type ReplyOf,
  type RequestOf,
  ScanCollection,
} from '@allibrary/contracts';
import { OnRequest, RequestFailure } from '@allibrary/messaging';
import { Controller } from '@nestjs/common';
import type { WatchedCollection } from './watched-collection.ts';
import { WatchedCollections } from './watched-collections.ts';

/** Answers requests about the collections and their files. */
@Controller()
export class CollectionsResponder {
  constructor(private readonly watched: WatchedCollections) {}

  @OnRequest(ListCollections)
  list(_request: RequestOf<typeof ListCollections>): ReplyOf<typeof ListCollections> {
    return { items: this.watched.statuses };
  }

  @OnRequest(ConfirmDeletions)
  confirm({ id }: RequestOf<typeof ConfirmDeletions>): ReplyOf<typeof ConfirmDeletions> {
    const { watch } = this.#find(id);
    if (watch.status.state !== 'frozen')
      throw new RequestFailure('conflict', `The collection "${id}" is not frozen: there are no deletions to confirm.`);
    watch.confirmDeletions();
    return watch.status;
  }

  @OnRequest(ScanCollection)
  scan({ id, folder }: RequestOf<typeof ScanCollection>): ReplyOf<typeof ScanCollection> {
    this.#find(id).watch.requestScan(folder);
    return {};
  }

  @OnRequest(ExplainFile)
  explain({ collection, path }: RequestOf<typeof ExplainFile>): Promise<ReplyOf<typeof ExplainFile>> {
    return this.#find(collection).explainer.explain(path);
  }

  #find(id: CollectionId): WatchedCollection {
    const found = this.watched.find(id);
    if (found) return found;
    throw new RequestFailure('not-found', `There is no collection "${id}". GET /api/v1/collections lists them.`);
  }
}
