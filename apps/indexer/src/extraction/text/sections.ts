import type { Place } from '@allibrary/contracts';

/** As the contract of a place allows; extraction processes may not read its code. */
const MAX_CHAPTER_CHARACTERS = 200;

/** A part of a document as its format divides it: a page, a chapter, or the whole. */
export interface Section extends Place {
  readonly text: string;
}

/** A chapter's title in one line, cut where it is longer than a title should be; null when nothing is left. */
export const chapterTitle = (text: string): string | null =>
  text
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_CHAPTER_CHARACTERS)
    .toWellFormed() || null;

/** Where in a document's text a section begins. */
export interface Division extends Place {
  /** The index of its first character. */
  readonly at: number;
}

/** A document's text, and how it is divided; a text that is not divided has no division. */
export interface DividedText {
  readonly text: string;
  /** In order; the first one begins at 0. */
  readonly divisions: readonly Division[];
}

/** What stands between two sections: it parts their words, and no phrase. */
export const BETWEEN_SECTIONS = '\n';

/** Puts sections together, in their order. */
export function joinSections(sections: readonly Section[]): DividedText {
  const divisions: Division[] = [];
  let text = '';
  for (const { page, chapter, text: own } of sections) {
    if (text) text += BETWEEN_SECTIONS;
    divisions.push({ at: text.length, page, chapter });
    text += own;
  }
  const isDivided = divisions.some(({ page, chapter }) => page !== null || chapter !== null);
  return { text, divisions: isDivided ? divisions : [] };
}

/** The sections of a divided text. */
export function* sectionsOf({ text, divisions }: DividedText): Generator<Section> {
  if (divisions.length === 0) yield { page: null, chapter: null, text };
  for (const [number, { at, page, chapter }] of divisions.entries()) {
    yield { page, chapter, text: text.slice(at, divisions[number + 1]?.at ?? text.length) };
  }
}
