import {
  DocumentId,
  DocumentReport,
  GetCover,
  GetDocument,
  GetReport,
  LibraryDocument,
  ListDocuments,
  PageRequest,
  type ReplyOf,
} from '@allibrary/contracts';
import { Bus } from '@allibrary/messaging';
import { Get, Param, Query, Res, StreamableFile } from '@nestjs/common';
import { ApiProduces } from '@nestjs/swagger';
import type { Response } from 'express';
import type { z } from 'zod';
import { NOTHING_RUNS } from './content-answer.ts';
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

  @Get(':documentId/cover')
  @ApiProduces('image/jpeg')
  @Answers('A small picture of the cover of a PDF or an EPUB, drawn by this node.', 200)
  async cover(
    @Param('documentId', { schema: DocumentId }) documentId: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    const { jpeg } = await this.bus.request(GetCover, { documentId });
    // A document never changes, but the drawing of covers may.
    response.setHeader('Cache-Control', 'private, max-age=86400');
    response.setHeader('Content-Security-Policy', NOTHING_RUNS);
    return new StreamableFile(Buffer.from(jpeg, 'base64'), { type: 'image/jpeg' });
  }

  @Get(':documentId/report')
  @Answers('Pages, words and metadata of a document, or why its text is unknown.', 200, DocumentReport)
  report(@Param('documentId', { schema: DocumentId }) documentId: string): Promise<DocumentReport> {
    return this.bus.request(GetReport, { documentId });
  }
}
