import {
  FindHeldDocuments,
  GetDocument,
  type LibraryDocument,
  ListDocuments,
  ListRevisions,
  type ReplyOf,
  type RequestOf,
} from '@allibrary/contracts';
import { OnRequest, RequestFailure } from '@allibrary/messaging';
import { Controller } from '@nestjs/common';
import { Catalog } from './catalog.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { answering } from '../downloads/request-failures.ts';

/** Questions about the documents of this node. */
@Controller()
export class DocumentsResponder {
  constructor(private readonly catalog: Catalog) {}

  @OnRequest(ListDocuments)
  list({ cursor, limit }: RequestOf<typeof ListDocuments>): Promise<ReplyOf<typeof ListDocuments>> {
    return answering(() => {
      const { items, nextCursor, total } = this.catalog.list(readCursor(cursor), limit);
      return { items, nextCursor: writeCursor(nextCursor), total };
    });
  }

  @OnRequest(ListRevisions)
  listRevisions(request: RequestOf<typeof ListRevisions>): ReplyOf<typeof ListRevisions> {
    return this.catalog.listRevisions(request);
  }

  @OnRequest(GetDocument)
  get({ documentId }: RequestOf<typeof GetDocument>): LibraryDocument {
    const document = this.catalog.document(documentId);
    if (document) return document;
    throw new RequestFailure('not-found', `This node does not hold the document ${documentId}.`);
  }

  @OnRequest(FindHeldDocuments)
  findHeld({ documentIds }: RequestOf<typeof FindHeldDocuments>): ReplyOf<typeof FindHeldDocuments> {
    return { documentIds: this.catalog.held(documentIds) };
  }
}
