import {
  DocumentId,
  DocumentReport,
  GetDocument,
  GetReport,
  LibraryDocument,
  ListDocuments,
  PageRequest,
  type ReplyOf,
} from '@allibrary/contracts';
import { Bus } from '@allibrary/messaging';
import { Get, Param, Query } from '@nestjs/common';
import type { z } from 'zod';
import { Answers, ApiController } from '../http/api-controller.ts';

/** The documents that this node holds. */
@ApiController('documents')
export class DocumentsController {
  constructor(private readonly bus: Bus) {}

  @Get()
  @Answers('The documents of this node, newest first.', 200, ListDocuments.reply)
  list(@Query({ schema: PageRequest }) page: z.output<typeof PageRequest>): Promise<ReplyOf<typeof ListDocuments>> {
    return this.bus.request(ListDocuments, page);
  }

  @Get(':documentId')
  @Answers('One document of this node.', 200, LibraryDocument)
  get(@Param('documentId', { schema: DocumentId }) documentId: string): Promise<LibraryDocument> {
    return this.bus.request(GetDocument, { documentId });
  }

  @Get(':documentId/report')
  @Answers(
    'What was read of a document: pages, words, what it says of itself, or why its text is unknown.',
    200,
    DocumentReport,
  )
  report(@Param('documentId', { schema: DocumentId }) documentId: string): Promise<DocumentReport> {
    return this.bus.request(GetReport, { documentId });
  }
}
