import {
  CommandDownloads,
  Download,
  type DownloadCommand,
  DownloadId,
  DownloadPriority,
  type DownloadState,
  DownloadsRequest,
  GetDownload,
  ListDownloads,
  type ReplyOf,
  StartDownload,
  StartDownloads,
} from '@allibrary/contracts';
import { Bus, RequestFailure } from '@allibrary/messaging';
import { Body, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { Answers, ApiController } from '../http/api-controller.ts';

/** One document, or many at once. */
const Wishes = z
  .object({
    documentId: StartDownload.request.shape.documentId.optional(),
    documentIds: StartDownloads.request.shape.documentIds.optional(),
  })
  .refine((wishes) => Object.keys(wishes).length === 1, 'must have either documentId or documentIds');

/** What can be changed of a download. */
const DownloadChange = z.object({
  priority: DownloadPriority.optional(),
  /** Moves it before all others of its priority. */
  moveToFront: z.literal(true).optional(),
});

const ENDED: readonly DownloadState[] = ['completed', 'failed', 'cancelled'];

/** What this node fetches from its peers. */
@ApiController('downloads')
export class DownloadsController {
  constructor(private readonly bus: Bus) {}

  @Post()
  @Answers(
    'Fetch a document from the peers that have it, or many: then each is answered by itself.',
    202,
    z.union([Download, StartDownloads.reply]),
  )
  start(
    @Body({ schema: Wishes }) { documentId, documentIds = [] }: z.output<typeof Wishes>,
  ): Promise<Download | ReplyOf<typeof StartDownloads>> {
    return documentId === undefined
      ? this.bus.request(StartDownloads, { documentIds })
      : this.bus.request(StartDownload, { documentId });
  }

  @Get()
  @Answers('The downloads of this node, newest first, all or those of one state.', 200, ListDownloads.reply)
  list(
    @Query({ schema: DownloadsRequest }) page: z.output<typeof DownloadsRequest>,
  ): Promise<ReplyOf<typeof ListDownloads>> {
    return this.bus.request(ListDownloads, page);
  }

  @Post('commands')
  @Answers('Do the same with many downloads; each is answered by itself.', 200, CommandDownloads.reply)
  command(
    @Body({ schema: CommandDownloads.request }) wish: z.output<typeof CommandDownloads.request>,
  ): Promise<ReplyOf<typeof CommandDownloads>> {
    return this.bus.request(CommandDownloads, wish);
  }

  @Get(':id')
  @Answers('One download.', 200, Download)
  get(@Param('id', { schema: DownloadId }) id: string): Promise<Download> {
    return this.bus.request(GetDownload, { id });
  }

  @Post(':id/pause')
  @Answers('Pause a download; what it has fetched stays.', 200, Download)
  async pause(@Param('id', { schema: DownloadId }) id: string): Promise<Download> {
    await this.#do(id, { do: 'pause' });
    return this.get(id);
  }

  @Post(':id/resume')
  @Answers('Let a paused download go on.', 200, Download)
  async resume(@Param('id', { schema: DownloadId }) id: string): Promise<Download> {
    await this.#do(id, { do: 'resume' });
    return this.get(id);
  }

  @Post(':id/retry')
  @Answers('Try a failed or cancelled download again, or one that waits, at once.', 200, Download)
  async retry(@Param('id', { schema: DownloadId }) id: string): Promise<Download> {
    await this.#do(id, { do: 'retry' });
    return this.get(id);
  }

  @Patch(':id')
  @Answers('Change the place of a download in the queue.', 200, Download)
  async change(
    @Param('id', { schema: DownloadId }) id: string,
    @Body({ schema: DownloadChange }) { priority, moveToFront }: z.output<typeof DownloadChange>,
  ): Promise<Download> {
    if (priority) await this.#do(id, { do: 'prioritise', priority });
    if (moveToFront) await this.#do(id, { do: 'move-to-front' });
    return this.get(id);
  }

  @Delete(':id')
  @Answers('Cancel a download that has not ended, and delete what it has fetched; forget one that has ended.', 204)
  async remove(@Param('id', { schema: DownloadId }) id: string): Promise<void> {
    const { state } = await this.get(id);
    await this.#do(id, { do: ENDED.includes(state) ? 'forget' : 'cancel' });
  }

  async #do(id: string, command: DownloadCommand): Promise<void> {
    const { items } = await this.bus.request(CommandDownloads, { ids: [id], command });
    const failure = items[0]?.failure;
    if (failure) throw new RequestFailure(failure.code, failure.message);
  }
}
