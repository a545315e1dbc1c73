import { type Data, DocumentAdded, DownloadEnded, DownloadRequested, DownloadSteered } from '@allibrary/contracts';
import { OnEvent } from '@allibrary/messaging';
import { Controller } from '@nestjs/common';
import { newOrder, orderOfEnded, orderOfSteered } from './orders/download-order.ts';
import { Downloads } from './downloads.ts';

/** The facts about downloads: they fill new orders, such as after an upgrade, and change nothing that is known. */
@Controller()
export class DownloadsConsumer {
  constructor(private readonly downloads: Downloads) {}

  @OnEvent(DownloadRequested)
  async onRequested(download: Data<typeof DownloadRequested>): Promise<void> {
    this.downloads.receive(newOrder(download));
  }

  @OnEvent(DownloadSteered)
  async onSteered(download: Data<typeof DownloadSteered>): Promise<void> {
    this.downloads.receive(orderOfSteered(download));
  }

  @OnEvent(DownloadEnded)
  async onEnded(download: Data<typeof DownloadEnded>): Promise<void> {
    this.downloads.receive(orderOfEnded(download));
    await this.downloads.discardCancelled(download.id, download.documentId);
  }

  @OnEvent(DocumentAdded)
  async onAdded({ documentId }: Data<typeof DocumentAdded>): Promise<void> {
    await this.downloads.arrived(documentId);
  }
}
