import type { Identifier } from '@allibrary/contracts';
import { isbn13Of } from '../extraction/description/isbn.ts';

/** An identifier that a text names. */
export interface NamedIdentifier {
  /** Its place in the text, with a prefix such as `ISBN` or `https://doi.org/`. */
  readonly at: number;
  readonly length: number;
  /** As it is written, without that prefix. */
  readonly written: string;
  /** Its word in the index: the same for all ways to write it. */
  readonly word: string;
}

/** Most identifiers of one text that are indexed; a longer bibliography says nothing about its document. */
const MAX_IDENTIFIERS = 5_000;
const SIGN = String.raw`[-\u00AD\u2010-\u2015\u2212 ]`;
/** Ten or thirteen digits, in the groups of an ISBN or ungrouped (ISO 2108). */
const ISBN = new RegExp(
  String.raw`(?<![\p{L}\p{N}])(?:ISBN(?:-?1[03])?:?\s{0,3})?(?<written>(?:97[89]${SIGN}?)?(?:\d{9}[\dX]|\d{1,5}${SIGN}\d{1,7}${SIGN}\d{1,7}${SIGN}[\dX]))(?![\p{L}\p{N}])`,
  'giu',
);
/** The prefix `10.`, a registrant and a suffix of any signs (ISO 26324). A URL may encode its slash. */
const DOI =
  /(?<![\p{L}\p{N}.])(?:doi:?\s{0,3}|(?:https?:\/\/)?(?:dx\.)?doi\.org\/)?(?<written>10\.\d{4,9}(?:\/|%2F)[^\s"<>“”„«»]{1,200})/giu;
const SIGNS = new RegExp(SIGN, 'gu');
/** Much faster than the patterns above, for the many texts without any. */
const HAS_DIGITS = new RegExp(String.raw`\d{4}|\d${SIGN}\d`, 'u');
/** Signs that end the sentence around a DOI. */
const END_OF_SENTENCE = /[.,;:!?'’)\]}]+$/u;

/** The ISBNs and DOIs of a text, in order; an ISBN with a wrong check digit is ignored. */
export function identifiersIn(text: string): NamedIdentifier[] {
  if (!HAS_DIGITS.test(text)) return [];
  const found = [...matchesOf(text, ISBN, isbnWordOf), ...matchesOf(text, DOI, doiWordOf)];
  return found.toSorted((a, b) => a.at - b.at);
}

/** Word of an identifier in the index. */
export const identifierWord = ({ scheme, value }: Identifier): string =>
  scheme + (scheme === 'isbn' ? value : Buffer.from(value.toLowerCase()).toString('hex'));

/** Whether a word of a query is one of {@link identifierWord}. */
export const isIdentifierWord = (word: string): boolean => /^(?:isbn\d{13}|doi(?:[0-9a-f]{2}){9,})$/u.test(word);

function* matchesOf(
  text: string,
  pattern: RegExp,
  wordOf: (written: string) => string | null,
): Generator<NamedIdentifier> {
  let left = MAX_IDENTIFIERS;
  for (const { 0: all, index: at, groups } of text.matchAll(pattern)) {
    const written = withoutEnd(groups?.['written'] ?? '');
    const word = wordOf(written);
    if (word === null) continue;
    yield { at, length: all.length - (groups?.['written']?.length ?? 0) + written.length, written, word };
    if ((left -= 1) === 0) return;
  }
}

function isbnWordOf(written: string): string | null {
  const value = isbn13Of(written.replaceAll(SIGNS, '').toUpperCase());
  return value === null ? null : identifierWord({ scheme: 'isbn', value });
}

function doiWordOf(written: string): string {
  return identifierWord({ scheme: 'doi', value: decoded(written) });
}

function decoded(written: string): string {
  try {
    return decodeURIComponent(written);
  } catch {
    return written; // the percent sign is part of the DOI
  }
}

/** Drops the punctuation of the sentence around it, but keeps the bracket that closes one of the identifier. */
function withoutEnd(written: string): string {
  const [end = ''] = END_OF_SENTENCE.exec(written) ?? [];
  const kept = end.search(/[)\]}]/u) === 0 && /[([{]/u.test(written) ? 1 : 0;
  return written.slice(0, written.length - end.length + kept);
}
