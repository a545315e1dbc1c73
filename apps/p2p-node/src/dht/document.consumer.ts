import { type Data, DocumentAdded, DocumentRemoved } from '@allibrary/contracts';
import { type Delivery, OnEvent } from '@allibrary/messaging';
import { Controller } from '@nestjs/common';
import { Announcements } from './announcements.ts';

/** The facts about documents: what is public is announced. */
@Controller()
export class DocumentConsumer {
  constructor(private readonly announcements: Announcements) {}

  @OnEvent(DocumentAdded, { concurrency: 16 })
  async onAdded({ documentId, isPublic, revision }: Data<typeof DocumentAdded>, { sequence }: Delivery): Promise<void> {
    this.announcements.record(documentId, isPublic, revision ?? sequence);
  }

  @OnEvent(DocumentRemoved, { concurrency: 16 })
  async onRemoved({ documentId, revision }: Data<typeof DocumentRemoved>, { sequence }: Delivery): Promise<void> {
    this.announcements.record(documentId, false, revision ?? sequence);
  }
}
