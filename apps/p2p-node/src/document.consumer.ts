import { type Data, DocumentAdded, DocumentRemoved } from '@allibrary/contracts';
import { type Delivery, OnEvent } from '@allibrary/messaging';
import { Controller } from '@nestjs/common';
import { Announcements } from './announcements.ts';
import { Announcer } from './announcer.ts';

/** The facts about documents: what is shared is announced. */
@Controller()
export class DocumentConsumer {
  constructor(
    private readonly announcements: Announcements,
    private readonly announcer: Announcer,
  ) {}

  @OnEvent(DocumentAdded, { concurrency: 16 })
  async onAdded({ documentId }: Data<typeof DocumentAdded>, { sequence }: Delivery): Promise<void> {
    this.announcements.record(documentId, true, sequence);
  }

  @OnEvent(DocumentRemoved, { concurrency: 16 })
  async onRemoved({ documentId }: Data<typeof DocumentRemoved>, { sequence }: Delivery): Promise<void> {
    if (this.announcements.record(documentId, false, sequence)) await this.announcer.withdraw(documentId);
  }
}
