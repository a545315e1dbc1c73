import {
  CommandDownloads,
  type Download,
  GetDownload,
  ListDownloads,
  type ReplyOf,
  type RequestOf,
  StartDownload,
  StartDownloads,
} from '@allibrary/contracts';
import { OnRequest } from '@allibrary/messaging';
import { Controller } from '@nestjs/common';
import { readCursor, writeCursor } from './domain/cursor.ts';
import { DownloadView } from './downloads/download-view.ts';
import { Downloads } from './downloads/downloads.ts';
import { inBatches } from './domain/in-batches.ts';
import { answering, answeringItem } from './request-failures.ts';

/** So many facts are on their way to the stream at once. */
const BATCH = 50;

/** Questions and wishes about downloads. */
@Controller()
export class DownloadsResponder {
  constructor(
    private readonly downloads: Downloads,
    private readonly view: DownloadView,
  ) {}

  @OnRequest(StartDownload)
  start({ documentId }: RequestOf<typeof StartDownload>): Promise<Download> {
    return answering(() => this.downloads.request(documentId));
  }

  @OnRequest(StartDownloads)
  async startMany({ documentIds }: RequestOf<typeof StartDownloads>): Promise<ReplyOf<typeof StartDownloads>> {
    const items = await inBatches(documentIds, BATCH, async (documentId) => {
      const { value, failure } = await answeringItem(() => this.downloads.request(documentId));
      return { documentId, id: value?.id ?? null, failure };
    });
    return { items };
  }

  @OnRequest(CommandDownloads)
  async command({ ids, command }: RequestOf<typeof CommandDownloads>): Promise<ReplyOf<typeof CommandDownloads>> {
    const items = await inBatches(ids, BATCH, async (id) => {
      const { failure } = await answeringItem(() => this.downloads.command(id, command));
      return { id, state: this.view.find(id)?.state ?? null, failure };
    });
    return { items };
  }

  @OnRequest(ListDownloads)
  list({ state, cursor, limit }: RequestOf<typeof ListDownloads>): Promise<ReplyOf<typeof ListDownloads>> {
    return answering(() => {
      const { items, nextCursor, counts } = this.view.list(state, readCursor(cursor), limit);
      return { items, nextCursor: writeCursor(nextCursor), counts };
    });
  }

  @OnRequest(GetDownload)
  get({ id }: RequestOf<typeof GetDownload>): Promise<Download> {
    return answering(() => this.view.get(id));
  }
}
