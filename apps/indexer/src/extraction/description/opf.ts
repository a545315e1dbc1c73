import { Parser } from 'htmlparser2';
import type { Statement, Term } from './metadata.ts';
import { textOfXml } from '../encoding/declared-encoding.ts';
import { localAttributes, localName } from '../formats/xml-elements.ts';

/** The metadata of an EPUB (EPUB 3.3, section 5.5). */
const TERMS: Readonly<Record<string, Term>> = {
  title: 'title',
  creator: 'creator',
  date: 'date',
  publisher: 'publisher',
  subject: 'subject',
  identifier: 'identifier',
  language: 'language',
};
/** MARC relators of those who wrote a book; a creator without a relator is one too. */
const AUTHORS = new Set(['', 'aut', 'author', 'cre', 'creator', 'aui', 'dub']);
/** Dates of the file, not of the book. */
const DATES_OF_FILE = new Set(['modification', 'modified', 'conversion', 'ops-publication', 'epub-publication']);
const PUBLICATION = new Set(['publication', 'original-publication', 'issued', 'published']);

/** An element of Dublin Core with what qualifies it, in itself (EPUB 2) or in elements that refine it (EPUB 3). */
interface Qualified extends Statement {
  readonly id: string;
  readonly qualities: Record<string, string>;
}

/** What a package document states of its book: main titles and authors first, dates of publication alone. */
export function statementsOfOpf(xml: Buffer | null): Statement[] {
  const all = qualifiedIn(xml);
  const titles = all.filter(({ term }) => term === 'title').toSorted((a, b) => rankOfTitle(a) - rankOfTitle(b));
  const creators = all.filter(({ term }) => term === 'creator');
  const authors = creators.filter(({ qualities: { role = '' } }) => AUTHORS.has(role.toLowerCase()));
  const dates = all
    .filter(({ term, qualities: { event = '' } }) => term === 'date' && !DATES_OF_FILE.has(event.toLowerCase()))
    .toSorted((a, b) => rankOfDate(a) - rankOfDate(b));
  const others = all.filter(({ term }) => !['title', 'creator', 'date'].includes(term));
  return [...titles, ...(authors.length > 0 ? authors : creators), ...dates, ...others].map(({ term, value }) => ({
    term,
    value,
  }));
}

function rankOfTitle({ qualities }: Qualified): number {
  const type = qualities['title-type'];
  return type === 'main' ? 0 : type === undefined ? 1 : 2;
}

function rankOfDate({ qualities: { event = '' } }: Qualified): number {
  return PUBLICATION.has(event.toLowerCase()) ? 0 : event === '' ? 1 : 2;
}

function qualifiedIn(xml: Buffer | null): Qualified[] {
  const all: Qualified[] = [];
  const refinements: { readonly of: string; readonly property: string; readonly value: string }[] = [];
  let open: { readonly element: string; readonly onText: (text: string) => void; text: string } | null = null;
  const parser = new Parser(
    {
      onopentag: (element, attributes) => {
        const { id = '', role, event, refines = '', property = '' } = localAttributes(attributes);
        const term = TERMS[localName(element)];
        if (open) return;
        const qualities = { ...(role && { role }), ...(event && { event }) };
        if (term) open = { element, text: '', onText: (value) => all.push({ term, value, id, qualities }) };
        else if (localName(element) === 'meta' && refines)
          open = { element, text: '', onText: (value) => refinements.push({ of: refines, property, value }) };
      },
      ontext: (text) => {
        if (open) open.text += text;
      },
      onclosetag: (element) => {
        if (open?.element !== element) return;
        open.onText(open.text);
        open = null;
      },
    },
    { xmlMode: true },
  );
  parser.end(textOfXml(xml));
  const byId = new Map(all.filter(({ id }) => id !== '').map((each) => [`#${each.id}`, each]));
  for (const { of, property, value } of refinements) {
    const refined = byId.get(of);
    if (refined) refined.qualities[localName(property)] ??= value.trim();
  }
  return all;
}
