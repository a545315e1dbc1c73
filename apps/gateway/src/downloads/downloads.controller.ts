import type { ReplyFrom, RequestTo } from '@allibrary/api';
import {
  CommandDownloads,
  type Download,
  type DownloadCommand,
  type DownloadState,
  GetDownload,
  ListDownloads,
  StartDownload,
  StartDownloads,
} from '@allibrary/contracts';
import { Bus, RequestFailure } from '@allibrary/messaging';
import { Controller } from '@nestjs/common';
import { Handles } from '../http/handles.ts';

const ENDED: readonly DownloadState[] = ['completed', 'failed', 'cancelled'];

/** Downloads from peers. */
@Controller()
export class DownloadsController {
  constructor(private readonly bus: Bus) {}

  @Handles('POST /downloads')
  start({
    body: { documentId, documentIds = [] },
  }: RequestTo<'POST /downloads'>): Promise<ReplyFrom<'POST /downloads'>> {
    return documentId === undefined
      ? this.bus.request(StartDownloads, { documentIds })
      : this.bus.request(StartDownload, { documentId });
  }

  @Handles('GET /downloads')
  list({ query }: RequestTo<'GET /downloads'>): Promise<ReplyFrom<'GET /downloads'>> {
    return this.bus.request(ListDownloads, query);
  }

  @Handles('POST /downloads/commands')
  command({ body }: RequestTo<'POST /downloads/commands'>): Promise<ReplyFrom<'POST /downloads/commands'>> {
    return this.bus.request(CommandDownloads, body);
  }

  @Handles('GET /downloads/:id')
  get({ params: { id } }: RequestTo<'GET /downloads/:id'>): Promise<Download> {
    return this.bus.request(GetDownload, { id });
  }

  @Handles('POST /downloads/:id/pause')
  pause({ params: { id } }: RequestTo<'POST /downloads/:id/pause'>): Promise<Download> {
    return this.#changed(id, { do: 'pause' });
  }

  @Handles('POST /downloads/:id/resume')
  resume({ params: { id } }: RequestTo<'POST /downloads/:id/resume'>): Promise<Download> {
    return this.#changed(id, { do: 'resume' });
  }

  @Handles('POST /downloads/:id/retry')
  retry({ params: { id } }: RequestTo<'POST /downloads/:id/retry'>): Promise<Download> {
    return this.#changed(id, { do: 'retry' });
  }

  @Handles('PATCH /downloads/:id')
  change({ params: { id }, body }: RequestTo<'PATCH /downloads/:id'>): Promise<Download> {
    const { priority, moveToFront } = body;
    return this.#changed(
      id,
      ...(priority ? [{ do: 'prioritise', priority } as const] : []),
      ...(moveToFront ? [{ do: 'move-to-front' } as const] : []),
    );
  }

  @Handles('DELETE /downloads/:id')
  async remove({ params: { id } }: RequestTo<'DELETE /downloads/:id'>): Promise<void> {
    const { state } = await this.bus.request(GetDownload, { id });
    await this.#do(id, { do: ENDED.includes(state) ? 'forget' : 'cancel' });
  }

  async #changed(id: string, ...commands: readonly DownloadCommand[]): Promise<Download> {
    for (const command of commands) await this.#do(id, command);
    return this.bus.request(GetDownload, { id });
  }

  async #do(id: string, command: DownloadCommand): Promise<void> {
    const { items } = await this.bus.request(CommandDownloads, { ids: [id], command });
    const failure = items[0]?.failure;
    if (failure) throw new RequestFailure(failure.code, failure.message);
  }
}
