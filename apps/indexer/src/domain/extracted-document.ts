import type { DocumentMetadata } from '@allibrary/contracts';

/** A part of a document's text as its format divides it: a page, a chapter, or the whole. */
export interface Section {
  /** The number of the page, counted from 1; null where the format has no pages. */
  readonly page: number | null;
  /** The title of the chapter, at most 200 characters; null where the format has none. */
  readonly chapter: string | null;
  readonly text: string;
}

/** What was read of a document. */
export interface ExtractedDocument {
  /** By content, not by name. */
  readonly mediaType: string;
  readonly pages: number | null;
  readonly metadata: DocumentMetadata;
  /** In reading order. */
  readonly sections: readonly Section[];
  readonly words: number;
  /** Whether the document says more than this. */
  readonly isTruncated: boolean;
}
