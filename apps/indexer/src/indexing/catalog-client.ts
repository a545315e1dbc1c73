import {
  type DocumentId,
  GetDocument,
  GetFile,
  type LibraryDocument,
  ListRevisions,
  type Location,
  type ReplyOf,
} from '@allibrary/contracts';
import { type Bus, RequestFailure } from '@allibrary/messaging';

/** The catalog of this node's documents, which transfer owns. */
export class CatalogClient {
  constructor(private readonly bus: Pick<Bus, 'request'>) {}

  /** Returns a document; null when it is not in the library. */
  async find(documentId: DocumentId): Promise<LibraryDocument | null> {
    try {
      return await this.bus.request(GetDocument, { documentId });
    } catch (error) {
      if (error instanceof RequestFailure && error.code === 'not-found') return null;
      throw error;
    }
  }

  /** Returns the document of a file; null when it has none yet. */
  async findAt(location: Location): Promise<LibraryDocument | null> {
    const { documentId } = await this.bus.request(GetFile, location);
    return documentId === null ? null : this.find(documentId);
  }

  /** Returns a page of revisions in the order of the document ids. */
  revisions(after: string, limit: number): Promise<ReplyOf<typeof ListRevisions>> {
    return this.bus.request(ListRevisions, { after, limit });
  }
}
