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
import { readCursor, writeCursor } from '../catalog/cursor.ts';
import { DownloadView } from './download-view.ts';
import { Downloads } from './downloads.ts';
import { answering, itemOf, valueOf } from './request-failures.ts';

/** Requests and commands about downloads. */
@Controller()
export class DownloadsResponder {
  constructor(
    private readonly downloads: Downloads,
    private readonly view: DownloadView,
  ) {}

  @OnRequest(StartDownload)
  start({ documentId }: RequestOf<typeof StartDownload>): Promise<Download> {
    return answering(() => this.view.get(valueOf(this.downloads.requestAll([documentId])[0])));
  }

  @OnRequest(StartDownloads)
  startMany({ documentIds }: RequestOf<typeof StartDownloads>): Promise<ReplyOf<typeof StartDownloads>> {
    return answering(() => ({
      items: this.downloads.requestAll(documentIds).map((attempt, index) => {
        const { value: id, failure } = itemOf(attempt);
        return { documentId: documentIds[index] ?? '', id, failure };
      }),
    }));
  }

  @OnRequest(CommandDownloads)
  command({ ids, command }: RequestOf<typeof CommandDownloads>): Promise<ReplyOf<typeof CommandDownloads>> {
    return answering(async () => {
      const attempts = await this.downloads.commandAll(ids, command);
      const items = attempts.map((attempt, index) => {
        const id = ids[index] ?? '';
        return { id, state: this.view.find(id)?.state ?? null, failure: itemOf(attempt).failure };
      });
      return { items };
    });
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
