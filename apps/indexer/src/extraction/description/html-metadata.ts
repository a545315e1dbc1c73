import { Parser } from 'htmlparser2';
import type { Statement, Term } from './metadata.ts';

/** The head of a page lies in its beginning. */
const HEAD_CHARACTERS = 64 * 1024;
/** Of Dublin Core, and of Highwire Press, whose names scholarly pages use. */
const PREFIX = /^(?:dc\.|dcterms\.|citation_)/u;
const NAMES: Readonly<Record<string, Term>> = {
  title: 'title',
  author: 'creator',
  creator: 'creator',
  date: 'date',
  publication_date: 'date',
  publisher: 'publisher',
  keywords: 'subject',
  subject: 'subject',
  identifier: 'identifier',
  doi: 'identifier',
  isbn: 'identifier',
  language: 'language',
};

/** What the head of an HTML page says of it. */
export function metadataOfHtml(html: string): Statement[] {
  const statements: Statement[] = [];
  const languages: Statement[] = [];
  let title: string | null = null;
  let isInTitle = false;
  const parser = new Parser(
    {
      onopentag: (element, { name, content, lang }) => {
        isInTitle = element === 'title' && title === null;
        if (isInTitle) title = '';
        if (element === 'html' && lang) languages.push({ term: 'language', value: lang });
        const term = NAMES[name?.toLowerCase().replace(PREFIX, '') ?? ''];
        if (element === 'meta' && term && content) statements.push({ term, value: content });
      },
      ontext: (text) => {
        if (isInTitle) title += text;
      },
      onclosetag: (element) => {
        if (element === 'title') isInTitle = false;
      },
    },
    { recognizeSelfClosing: true },
  );
  parser.end(html.slice(0, HEAD_CHARACTERS));
  // A browser's title often names the site too, so it stands behind what is said on purpose.
  return [...statements, ...(title === null ? [] : [{ term: 'title' as const, value: title }]), ...languages];
}
