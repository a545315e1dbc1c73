import { type Data, DocumentAdded, DocumentRemoved } from '@allibrary/contracts';
import { type Delivery, OnEvent } from '@allibrary/messaging';
import { Controller, Inject } from '@nestjs/common';
import { DocumentIndexing } from './document-indexing.ts';

/** Receives the events about the library's documents. */
@Controller()
export class DocumentConsumer {
  constructor(@Inject(DocumentIndexing) private readonly indexing: DocumentIndexing) {}

  @OnEvent(DocumentAdded)
  async onAdded(document: Data<typeof DocumentAdded>, { sequence }: Delivery): Promise<void> {
    await this.indexing.add(document, document.revision ?? sequence);
  }

  @OnEvent(DocumentRemoved)
  async onRemoved({ documentId, revision }: Data<typeof DocumentRemoved>, { sequence }: Delivery): Promise<void> {
    await this.indexing.remove(documentId, revision ?? sequence);
  }
}
