import { searchable } from '../extraction/text/words.ts';
import { ConcordanceWriter } from '../search/concordance.ts';
import { identifierWord, identifiersIn } from '../search/identifiers.ts';
import { searchableName } from '../search/name-words.ts';
import { type Passage, passagesOf } from '../search/passages.ts';
import type { IndexableDocument } from '../search/search-index.ts';
import { WordCollector } from '../search/spellings.ts';
import type { WEIGHTS } from './fts5-schema.ts';

/** A text with no more passages has no concordance: all of them are read for a snippet. */
const MIN_PASSAGES = 4;

/** What the index stores of a document's texts. */
export interface ReadDocument {
  /** The searchable fields, folded. */
  readonly fields: Readonly<Record<keyof typeof WEIGHTS, string>>;
  /** All words of them, folded. */
  readonly words: ReadonlySet<string>;
  readonly collector: WordCollector;
  readonly passages: readonly Passage[];
  /** Null for a short text. */
  readonly concordance: string | null;
}

/** Reads the fields, words and passages of a document in one go: folding is most of the work. */
export function readDocument(document: IndexableDocument): ReadDocument {
  const { title, creators, publisher, subjects, identifiers } = document.metadata;
  const collector = new WordCollector();
  const words = new Set<string>();
  const concordance = new ConcordanceWriter();
  const read = (text: string): { readonly field: string; readonly words: readonly string[] } => {
    const named = [...new Set(identifiersIn(text).map(({ word }) => word))];
    const own = [...collector.add(text), ...named];
    for (const word of own) words.add(word);
    return { field: named.length === 0 ? searchable(text) : `${searchable(text)} ${named.join(' ')}`, words: own };
  };
  const passages = [...passagesOf(document)];
  const body = passages.map(({ text }, number) => {
    const { field, words: own } = read(text);
    if (passages.length > MIN_PASSAGES) concordance.add(number, own);
    return field;
  });
  const about = [...subjects, publisher ?? '', ...identifiers.map(({ value }) => value)].join('\n');
  return {
    fields: {
      name: read(document.source.names.map(searchableName).join('\n')).field,
      title: read(title ?? '').field,
      creators: read(creators.join('\n')).field,
      subjects: [read(about).field, ...identifiers.map(identifierWord)].join(' '),
      body: body.join('\n'),
    },
    ...{ words, collector, passages },
    concordance: passages.length > MIN_PASSAGES ? String(concordance) : null,
  };
}
