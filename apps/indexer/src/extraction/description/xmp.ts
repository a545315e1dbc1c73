import { Parser } from 'htmlparser2';
import type { Statement, Term } from './metadata.ts';
import { type Attributes, localAttributes, localName } from '../formats/xml-elements.ts';

const BEGIN = '<rdf:RDF';
const END = '</rdf:RDF>';
const MAX_PACKET_BYTES = 1024 * 1024;
/** Properties of Dublin Core, XMP and PDF (ISO 16684-1). */
const TERMS: Readonly<Record<string, Term>> = {
  ...{ title: 'title', creator: 'creator', subject: 'subject', Keywords: 'subject', publisher: 'publisher' },
  ...{ date: 'date', CreateDate: 'date', language: 'language', identifier: 'identifier' },
};

/** What the last metadata packet of a file states; a file has one for each time that it was saved. */
export function statementsOfXmp(file: Buffer): Statement[] {
  const end = file.lastIndexOf(END);
  const begin = end < 0 ? -1 : file.lastIndexOf(BEGIN, end);
  return begin < 0 || end - begin > MAX_PACKET_BYTES
    ? []
    : statementsIn(file.toString('utf8', begin, end + END.length));
}

/** Values in several languages are alternatives: the default one goes first. */
function statementsIn(packet: string): Statement[] {
  const statements: Statement[] = [];
  let open: { readonly element: string; readonly term: Term } | null = null;
  let value = { text: '', isDefault: false };
  const state = (): void => {
    const statement = open && value.text.trim() !== '' ? { term: open.term, value: value.text.trim() } : null;
    if (statement) statements[value.isDefault ? 'unshift' : 'push'](statement);
    value = { text: '', isDefault: false };
  };
  const parser = new Parser(
    {
      onopentag: (element, attributes: Attributes) => {
        const name = localName(element);
        const { lang } = localAttributes(attributes);
        if (name === 'Description') {
          for (const [key, text] of Object.entries(localAttributes(attributes))) {
            const term = TERMS[key];
            if (term) statements.push({ term, value: text });
          }
        }
        const term = TERMS[name];
        if (term && !open) open = { element, term };
        if (name === 'li') value = { text: '', isDefault: lang === 'x-default' };
      },
      ontext: (text) => {
        if (open) value.text += text;
      },
      onclosetag: (element) => {
        if (localName(element) === 'li' || element === open?.element) state();
        if (element === open?.element) open = null;
      },
    },
    { xmlMode: true },
  );
  parser.end(packet);
  return statements;
}
