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
const NewDownloads = z
  .object({
    documentId: StartDownload.request.shape.documentId.optional(),
    documentIds: StartDownloads.request.shape.documentIds.optional(),
  })
  .refine((given) => Object.keys(given).length === 1, 'must have either documentId or documentIds');

/** What can be changed of a download. */
const DownloadChange = z.object({
  priority: DownloadPriority.optional(),
  /** Moves it before all others of its priority. */
  moveToFront: z.literal(true).optional(),
});

const ENDED: readonly DownloadState[] = ['completed', 'failed', 'cancelled'];

/** Downloads from peers. */
@ApiController('downloads')
export class DownloadsController {
  constructor(private readonly bus: Bus) {}

  @Post()
  @Answers(
    'Download one document from peers, or many; many have a result each.',
    202,
    z.union([Download, StartDownloads.reply]),
  )
  start(
    @Body({ schema: NewDownloads }) { documentId, documentIds = [] }: z.output<typeof NewDownloads>,
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
  @Answers('Run a command on many downloads; each has its own result.', 200, CommandDownloads.reply)
  command(
    @Body({ schema: CommandDownloads.request }) command: z.output<typeof CommandDownloads.request>,
  ): Promise<ReplyOf<typeof CommandDownloads>> {
    return this.bus.request(CommandDownloads, command);
  }

  @Get(':id')
  @Answers('One download.', 200, Download)
  get(@Param('id', { schema: DownloadId }) id: string): Promise<Download> {
    return this.bus.request(GetDownload, { id });
  }

  @Post(':id/pause')
  @Answers('Pause a download and keep its pieces.', 200, Download)
  async pause(@Param('id', { schema: DownloadId }) id: string): Promise<Download> {
    await this.#do(id, { do: 'pause' });
    return this.get(id);
  }

  @Post(':id/resume')
  @Answers('Resume a paused download.', 200, Download)
  async resume(@Param('id', { schema: DownloadId }) id: string): Promise<Download> {
    await this.#do(id, { do: 'resume' });
    return this.get(id);
  }

  @Post(':id/retry')
  @Answers('Retry a failed, cancelled or waiting download now.', 200, Download)
  async retry(@Param('id', { schema: DownloadId }) id: string): Promise<Download> {
    await this.#do(id, { do: 'retry' });
    return this.get(id);
  }

  @Patch(':id')
  @Answers('Change the priority of a download, or move it to the front.', 200, Download)
  async change(
    @Param('id', { schema: DownloadId }) id: string,
    @Body({ schema: DownloadChange }) { priority, moveToFront }: z.output<typeof DownloadChange>,
  ): Promise<Download> {
    if (priority) await this.#do(id, { do: 'prioritise', priority });
    if (moveToFront) await this.#do(id, { do: 'move-to-front' });
    return this.get(id);
  }

  @Delete(':id')
  @Answers('Cancel a running download and delete its pieces, or remove an ended one from the list.', 204)
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
