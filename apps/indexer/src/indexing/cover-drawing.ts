import type { LibraryDocument } from '@allibrary/contracts';
import { isNoSpace } from '@allibrary/messaging';
import { hasCover } from '../extraction/text-format.ts';
import type { SearchIndex } from '../search/search-index.ts';
import type { Covers } from './covers.ts';
import type { DocumentTexts } from './document-texts.ts';
import type { ReadingLog } from './reading-log.ts';

/** Draws the covers of indexed documents. */
export class CoverDrawing {
  constructor(
    private readonly index: Pick<SearchIndex, 'find'>,
    private readonly texts: Pick<DocumentTexts, 'cover'>,
    private readonly covers: Pick<Covers, 'keep'>,
    private readonly log: Pick<ReadingLog, 'coverNotDrawn'>,
  ) {}

  /** Draws a document's cover. A failure only costs the cover, except on a full disk: there the event must be redelivered. */
  async draw(document: LibraryDocument, mediaType: string): Promise<void> {
    const { documentId } = document;
    if (!hasCover(mediaType)) return;
    try {
      await this.covers.keep(documentId, await this.texts.cover(document, mediaType));
      if ((await this.index.find(documentId))?.state !== 'indexed') await this.remove(documentId); // removed meanwhile
    } catch (error) {
      if (isNoSpace(error)) throw error;
      this.log.coverNotDrawn(documentId, mediaType, error);
    }
  }

  async remove(documentId: string): Promise<void> {
    await this.covers.keep(documentId, null);
  }
}
