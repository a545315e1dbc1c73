import {
  CancelDownload,
  Download,
  DownloadId,
  GetDownload,
  ListDownloads,
  PageRequest,
  type ReplyOf,
  StartDownload,
} from '@allibrary/contracts';
import { Bus } from '@allibrary/messaging';
import { Body, Delete, Get, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { Answers, ApiController } from './http/api-controller.ts';

/** What this node fetches from its peers. */
@ApiController('downloads')
export class DownloadsController {
  constructor(private readonly bus: Bus) {}

  @Post()
  @Answers('Fetch a document from the peers that have it.', 202, Download)
  start(@Body({ schema: StartDownload.request }) wish: z.output<typeof StartDownload.request>): Promise<Download> {
    return this.bus.request(StartDownload, wish);
  }

  @Get()
  @Answers('The downloads of this node, newest first.', 200, ListDownloads.reply)
  list(@Query({ schema: PageRequest }) page: z.output<typeof PageRequest>): Promise<ReplyOf<typeof ListDownloads>> {
    return this.bus.request(ListDownloads, page);
  }

  @Get(':id')
  @Answers('One download.', 200, Download)
  get(@Param('id', { schema: DownloadId }) id: string): Promise<Download> {
    return this.bus.request(GetDownload, { id });
  }

  @Delete(':id')
  @Answers('Cancel a download that runs, or forget one that has ended.', 204)
  async cancel(@Param('id', { schema: DownloadId }) id: string): Promise<void> {
    await this.bus.request(CancelDownload, { id });
  }
}
