import {
  CancelDownload,
  type Download,
  GetDownload,
  ListDownloads,
  type ReplyOf,
  type RequestOf,
  StartDownload,
} from '@allibrary/contracts';
import { OnRequest } from '@allibrary/messaging';
import { Controller } from '@nestjs/common';
import { readCursor, writeCursor } from './domain/cursor.ts';
import { Downloads } from './downloads/downloads.ts';
import { answering } from './request-failures.ts';

/** Questions and wishes about downloads. */
@Controller()
export class DownloadsResponder {
  constructor(private readonly downloads: Downloads) {}

  @OnRequest(StartDownload)
  start({ documentId }: RequestOf<typeof StartDownload>): Promise<Download> {
    return answering(() => this.downloads.request(documentId));
  }

  @OnRequest(ListDownloads)
  list({ cursor, limit }: RequestOf<typeof ListDownloads>): Promise<ReplyOf<typeof ListDownloads>> {
    return answering(() => {
      const { items, nextCursor } = this.downloads.list(readCursor(cursor), limit);
      return { items, nextCursor: writeCursor(nextCursor) };
    });
  }

  @OnRequest(GetDownload)
  get({ id }: RequestOf<typeof GetDownload>): Promise<Download> {
    return answering(() => this.downloads.get(id));
  }

  @OnRequest(CancelDownload)
  cancel({ id }: RequestOf<typeof CancelDownload>): Promise<ReplyOf<typeof CancelDownload>> {
    return answering(async () => {
      await this.downloads.cancel(id);
      return {};
    });
  }
}
