import type { DocumentMetadata, Identifier, MetadataOrigin, MetadataOrigins } from '@allibrary/contracts';
import { isbn13Of } from './isbn.ts';
import { languageOf } from './language.ts';

/** The terms of Dublin Core that are read. */
export type Term = 'title' | 'creator' | 'date' | 'publisher' | 'subject' | 'identifier' | 'language';

/** One thing that a document says of itself, as it stands there. */
export interface Statement {
  readonly term: Term;
  readonly value: string;
}

/** What is known of a document that says nothing of itself. */
export const NO_METADATA: DocumentMetadata = {
  title: null,
  creators: [],
  year: null,
  publisher: null,
  subjects: [],
  identifiers: [],
  language: null,
};

/** Metadata, and where each part of it came from. */
export interface SourcedMetadata {
  readonly metadata: DocumentMetadata;
  readonly origins: MetadataOrigins;
}

/** No one means more of them; the rest of a document that states more is not looked at. */
const MAX_STATEMENTS = 1_000;
const MAX_VALUE_CHARACTERS = 2_000;
/** What programs write where nobody gave a title. */
const NO_TITLE =
  /^(?:untitled|unknown|no title|\[no title\]|(?:microsoft (?:word|powerpoint) - )?[^ ]+\.(?:docx?|indd|qxd|tex|dvi|ps|pdf|rtf|odt))$/iu;
const PROGRAM_PREFIX = /^Microsoft (?:Word|PowerPoint) - /u;
/** What Calibre writes where nobody gave a date. */
const UNDEFINED_DATE = /^0101-01-01/u;
/** The digits that an ISBN may have between its hyphens, and the `10.` of a DOI. */
const ISBN = /^(?:urn:isbn:|isbn[: ]*)?(?<digits>[\d -]{9,16}[\dXx])$/iu;
const DOI = /^(?:doi:|urn:doi:|https?:\/\/(?:dx\.)?doi\.org\/)?(?<name>10\.\d{4,9}\/\S{1,150})$/iu;

/** Brings what a document says of itself into one form, in which it can be compared and searched. */
export function metadataOf(statements: readonly Statement[]): DocumentMetadata {
  const values = (term: Term): string[] =>
    statements
      .slice(0, MAX_STATEMENTS)
      .flatMap((each) => (each.term === term ? oneLine(each.value.slice(0, MAX_VALUE_CHARACTERS)) : []))
      .filter(Boolean);
  return {
    title:
      values('title')
        .map(titleOf)
        .find((title) => title !== null) ?? null,
    creators: listOf(
      values('creator').flatMap((value) => value.split(/;| & /u)),
      20,
    ),
    year: firstOf(values('date'), yearOf),
    publisher: values('publisher')[0]?.slice(0, 200).toWellFormed() ?? null,
    subjects: listOf(
      values('subject').flatMap((value) => value.split(/[;,]/u)),
      50,
    ),
    identifiers: values('identifier')
      .flatMap((value) => identifierOf(value) ?? [])
      .slice(0, 20),
    language: firstOf(values('language'), languageOf),
  };
}

/** Of several descriptions of one document, each thing from the first that says it. */
export function combined(
  descriptions: ReadonlyArray<readonly [MetadataOrigin, Partial<DocumentMetadata>]>,
): SourcedMetadata {
  let metadata = NO_METADATA;
  let origins: MetadataOrigins = {};
  for (const [origin, description] of descriptions) {
    const news = Object.entries(description).filter(([name, value]) => says(value) && !(name in origins));
    metadata = { ...metadata, ...Object.fromEntries(news) };
    origins = { ...origins, ...Object.fromEntries(news.map(([name]) => [name, origin])) };
  }
  return { metadata, origins };
}

const says = (value: DocumentMetadata[keyof DocumentMetadata]): boolean =>
  Array.isArray(value) ? value.length > 0 : value !== null;

const oneLine = (value: string): string => value.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim();

function titleOf(value: string): string | null {
  const title = value.replace(PROGRAM_PREFIX, '');
  return NO_TITLE.test(value) || !/[\p{L}\p{N}]/u.test(title) ? null : title.slice(0, 500).toWellFormed();
}

/** Each name once, in order. */
const listOf = (values: readonly string[], most: number): string[] =>
  [...new Set(values.map((value) => value.trim().slice(0, 200).toWellFormed()).filter(Boolean))].slice(0, most);

function firstOf<T>(values: readonly string[], read: (value: string) => T | null): T | null {
  for (const value of values) {
    const found = read(value);
    if (found !== null) return found;
  }
  return null;
}

/** The year of a date as W3CDTF (`1998-07-01`) or a PDF (`D:19980701`) write it, or of a text that names one. */
function yearOf(date: string): number | null {
  if (UNDEFINED_DATE.test(date)) return null;
  const [, year] = /^(?:D:)?(-?\d{4})/u.exec(date) ?? /(?<!\d)(\d{4})(?!\d)/u.exec(date) ?? [];
  const number = Number(year);
  return year !== undefined && number >= -4000 && number <= 3000 ? number : null;
}

function identifierOf(value: string): Identifier | null {
  const doi = DOI.exec(value)?.groups?.['name'];
  if (doi) return { scheme: 'doi', value: doi.toLowerCase() };
  const digits = ISBN.exec(value)?.groups?.['digits']?.replaceAll(/[ -]/gu, '').toUpperCase();
  const isbn = digits && isbn13Of(digits);
  return isbn ? { scheme: 'isbn', value: isbn } : null;
}
