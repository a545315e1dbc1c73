import { type Data, DocumentAdded, DocumentRemoved } from '@allibrary/contracts';
import { type Delivery, OnEvent } from '@allibrary/messaging';
import { Controller } from '@nestjs/common';
import { CurrentNetwork } from '../../network/current-network.ts';

/** The facts about documents: what is public is announced. */
@Controller()
export class DocumentConsumer {
  constructor(private readonly network: CurrentNetwork) {}

  @OnEvent(DocumentAdded, { concurrency: 16 })
  async onAdded({ documentId, isPublic, revision }: Data<typeof DocumentAdded>, { sequence }: Delivery): Promise<void> {
    await this.network.use(({ announcements }) => announcements.record(documentId, isPublic, revision ?? sequence));
  }

  @OnEvent(DocumentRemoved, { concurrency: 16 })
  async onRemoved({ documentId, revision }: Data<typeof DocumentRemoved>, { sequence }: Delivery): Promise<void> {
    await this.network.use(({ announcements }) => announcements.record(documentId, false, revision ?? sequence));
  }
}
