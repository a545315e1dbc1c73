import type { ReplyFrom, RequestTo } from '@allibrary/api';
import {
  type DocumentReport,
  GetCover,
  GetDocument,
  GetReport,
  type LibraryDocument,
  ListDocuments,
} from '@allibrary/contracts';
import { Bus } from '@allibrary/messaging';
import { Controller, Res, StreamableFile } from '@nestjs/common';
import type { Response } from 'express';
import { Handles } from '../http/handles.ts';
import { NOTHING_RUNS } from './content-answer.ts';

/** The documents that this node holds. */
@Controller()
export class DocumentsController {
  constructor(private readonly bus: Bus) {}

  @Handles('GET /documents')
  list({ query }: RequestTo<'GET /documents'>): Promise<ReplyFrom<'GET /documents'>> {
    return this.bus.request(ListDocuments, query);
  }

  @Handles('GET /documents/:documentId')
  get({ params }: RequestTo<'GET /documents/:documentId'>): Promise<LibraryDocument> {
    return this.bus.request(GetDocument, params);
  }

  @Handles('GET /documents/:documentId/cover')
  async cover(
    { params }: RequestTo<'GET /documents/:documentId/cover'>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    const { jpeg } = await this.bus.request(GetCover, params);
    // A document never changes, but the drawing of covers may.
    response.setHeader('Cache-Control', 'private, max-age=86400');
    response.setHeader('Content-Security-Policy', NOTHING_RUNS);
    return new StreamableFile(Buffer.from(jpeg, 'base64'), { type: 'image/jpeg' });
  }

  @Handles('GET /documents/:documentId/report')
  report({ params }: RequestTo<'GET /documents/:documentId/report'>): Promise<DocumentReport> {
    return this.bus.request(GetReport, params);
  }
}
