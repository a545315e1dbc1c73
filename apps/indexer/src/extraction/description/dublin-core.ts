import { Parser } from 'htmlparser2';
import { textOfXml } from '../encoding/declared-encoding.ts';
import { localName } from '../formats/xml-elements.ts';
import type { Statement, Term } from './metadata.ts';

/** Which term an element stands for, by its name without prefix. */
export type Vocabulary = Readonly<Record<string, Term>>;

/** The core properties of Office Open XML (ECMA-376 part 2, section 11). */
export const CORE_PROPERTIES: Vocabulary = {
  title: 'title',
  creator: 'creator',
  created: 'date',
  subject: 'subject',
  keywords: 'subject',
  identifier: 'identifier',
  language: 'language',
};

/** The metadata of OpenDocument (version 1.3 part 3, section 4.3); its `creator` is who saved it last. */
export const OPEN_DOCUMENT: Vocabulary = {
  title: 'title',
  'initial-creator': 'creator',
  'creation-date': 'date',
  subject: 'subject',
  keyword: 'subject',
  language: 'language',
};

/** What the elements of an XML file state; nothing where there is no such file. */
export function statementsOf(xml: Buffer | null, vocabulary: Vocabulary): Statement[] {
  const statements: Statement[] = [];
  let open: { readonly term: Term; readonly element: string; text: string } | null = null;
  const parser = new Parser(
    {
      onopentag: (element) => {
        const term = vocabulary[localName(element)];
        if (term && !open) open = { term, element, text: '' };
      },
      ontext: (text) => {
        if (open) open.text += text;
      },
      onclosetag: (element) => {
        if (open?.element !== element) return;
        statements.push({ term: open.term, value: open.text });
        open = null;
      },
    },
    { xmlMode: true },
  );
  parser.end(textOfXml(xml));
  return statements;
}
