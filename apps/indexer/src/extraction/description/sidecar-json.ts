import type { Statement, Term } from './metadata.ts';

/** The keys of a sidecar in JSON, with the words that people use for them. */
const KEYS: Readonly<Record<string, Term>> = {
  title: 'title',
  creator: 'creator',
  creators: 'creator',
  author: 'creator',
  authors: 'creator',
  date: 'date',
  year: 'date',
  published: 'date',
  publisher: 'publisher',
  subject: 'subject',
  subjects: 'subject',
  tags: 'subject',
  keywords: 'subject',
  identifier: 'identifier',
  identifiers: 'identifier',
  isbn: 'identifier',
  doi: 'identifier',
  language: 'language',
};

/** What a sidecar in JSON says: an object whose values are texts, numbers, or lists of them. Throws when it is none. */
export function statementsOfJson(text: string): Statement[] {
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new TypeError('it is no JSON object');
  return Object.entries(parsed).flatMap(([key, value]) => {
    const term = KEYS[key.toLowerCase().replace(/^dc:/u, '')];
    return term ? textsIn(value).map((each) => ({ term, value: each })) : [];
  });
}

/** The texts of a value; of an identifier with its scheme, the identifier. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return typeof value === 'object' && value !== null && 'value' in value ? textsIn(value.value) : [];
}
