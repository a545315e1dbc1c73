import type { DocumentMetadata } from '@allibrary/contracts';
import type { Statement } from '../domain/metadata.ts';
import type { DividedText, Section } from '../domain/sections.ts';
import type { TextFormat } from '../domain/text-format.ts';

/** What the child is asked: the text of one file, which was found to be a regular file of this size. */
export interface Question {
  readonly path: string;
  readonly format: TextFormat;
  readonly sizeBytes: number;
  readonly maxCharacters: number;
  /** The text comes in pieces of at most so many characters. */
  readonly pieceCharacters: number;
}

/** What came of reading a file. */
export type Extraction =
  | ({
      readonly kind: 'text';
      readonly metadata: DocumentMetadata;
      readonly words: number;
      readonly truncated: boolean;
    } & DividedText)
  /** The document's text can't be had, now or later; it may say something of itself all the same. */
  | { readonly kind: 'problem'; readonly problem: string; readonly metadata?: DocumentMetadata }
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
}

/** Thrown by a format's reader; the message says to people why the file's text can't be had. */
export class UnreadableText extends Error {
  override readonly name = 'UnreadableText';
  /** What the document says of itself all the same. */
  readonly statements: readonly Statement[];

  constructor(
    message: string,
    { statements = [], ...options }: ErrorOptions & Partial<Pick<ReadText, 'statements'>> = {},
  ) {
    super(message, options);
    this.statements = statements;
  }
}
