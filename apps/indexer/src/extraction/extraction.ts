import type { DocumentProblemCode } from '@allibrary/contracts';
import type { SourcedMetadata, Statement } from './description/metadata.ts';
import type { DividedText, Section } from './text/sections.ts';

/** Languages, data and limits of OCR. */
export interface RecognitionLimits {
  /** Tesseract's names of the languages. */
  readonly languages: readonly string[];
  /** A folder with a `.traineddata` for each of them; null for English alone, whose data is bundled. */
  readonly dataDir: string | null;
  readonly timeLimitMs: number;
  /** Whether the child recognises pages of PDFs; otherwise native programs do, and it gets their texts. */
  readonly isForPdfs: boolean;
}

/** Request to a child for the cover of one file, with the media type of its bytes. */
export type CoverQuestion = Pick<Question, 'mediaType' | 'sizeBytes'> & { readonly wanted: 'cover' };

/** Request to a child for the text of one file of this size. The parent serves its bytes: see source-protocol.ts. */
export interface Question {
  readonly wanted: 'text';
  /** The file beside it that describes it; null when there is none. */
  readonly sidecar: { readonly name: string; readonly sizeBytes: number } | null;
  /** The size of the text that `pdftotext` reads from the file; null when the file is not a PDF, or the program can't read it. */
  readonly pdfTextBytes: number | null;
  /** The size of the texts that OCR found on its pages; null when there are none. */
  readonly recognisedBytes: number | null;
  /** As the file's name says. */
  readonly mediaType: string;
  readonly sizeBytes: number;
  readonly maxCharacters: number;
  /** How the text of pictures and scans is recognised; null when it is not. */
  readonly ocr: RecognitionLimits | null;
  /** Most characters in one piece of the text. */
  readonly pieceCharacters: number;
}

/** What is known of a document beside its text. */
export interface Description extends SourcedMetadata {
  /** By its bytes, whatever its name says. */
  readonly mediaType: string;
  /** Why the file beside it that should describe it does not; null when it does, or there is none. */
  readonly sidecarProblem: string | null;
  /** Pages, counted from 1, that show pictures and next to no text, which OCR has not read yet. */
  readonly picturePages: readonly number[];
}

/** What came of reading a file. */
export type Extraction =
  | ({ readonly kind: 'text'; readonly words: number; readonly truncated: boolean } & Description & DividedText)
  /** The document's text can't be had, now or later; it may say something of itself all the same. */
  | ({
      readonly kind: 'problem';
      readonly problem: string;
      readonly problemCode: DocumentProblemCode;
    } & Partial<Description>)
  /** The file is gone, or no longer the one that was found. */
  | { readonly kind: 'changed' };

/** The text of a file as a format's reader hands it back. */
export interface ReadText {
  /** In reading order. */
  readonly sections: readonly Section[];
  /** What the document says of itself; nothing where its format has no way to. */
  readonly statements: readonly Statement[];
  /** Whether the file says more than this. */
  readonly truncated: boolean;
  /** Pages with hardly any text, counted from 1: OCR may find some in their pictures. */
  readonly sparsePages?: readonly number[];
  /** Those of them that show pictures which OCR has not read yet. */
  readonly picturePages?: readonly number[];
}

/** Thrown by a format's reader; the message says to people why the file's text can't be had. */
export class UnreadableText extends Error {
  override readonly name = 'UnreadableText';
  /** What the document says of itself all the same. */
  readonly statements: readonly Statement[];
  readonly code: DocumentProblemCode;
  /** Pages, counted from 1, that may show pictures of text which OCR has not read yet. */
  readonly picturePages: readonly number[];

  constructor(
    message: string,
    {
      statements = [],
      code = 'unreadable',
      picturePages = [],
      ...options
    }: ErrorOptions & Partial<Pick<UnreadableText, 'statements' | 'code' | 'picturePages'>> = {},
  ) {
    super(message, options);
    this.statements = statements;
    this.code = code;
    this.picturePages = picturePages;
  }
}
