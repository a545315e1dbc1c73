import { zstdDecompressSync } from 'node:zlib';
import type { DocumentMetadata, LibraryAnswer, SearchFacets, SearchHit, SearchTotal } from '@allibrary/contracts';
import { titlesIn } from '@allibrary/core';
import type { ReadModel } from '@allibrary/platform';
import { Concordance } from '../search/concordance.ts';
import type { Passage } from '../search/passages.ts';
import {
  type Meanings,
  type Query,
  type SoughtPhrase,
  mistypable,
  parseQuery,
  soughtPhrases,
  toMatchExpression,
} from '../search/query.ts';
import { SnippetReading, shownOf, snippetOf } from '../search/snippet.ts';
import { suggestionOf } from '../search/suggestion.ts';
import { WEIGHTS } from './fts5-schema.ts';
import { type IndexQuestion, NOTHING_FOUND, type SearchScope } from '../search/search-index.ts';
import type { SpellingRanks } from './spelling-ranks.ts';
import type { Vocabulary } from './vocabulary.ts';

/** FTS5 scores every match. Of a very common word, only this number of the newest documents is ranked. */
const MAX_RANKED = 4_000;
/** Matches are counted up to this number, and sorted by title in the order of a language. */
const MAX_TOTAL = 10_000;
/** Number of matches that the facets count. */
const MAX_COUNTED = 20_000;
const MAX_FACET_VALUES = 20;
/** Number of mistyped words of a query; correcting one costs some milliseconds. */
const MAX_MISTYPED = 4;
/** Typos allowed in a word. The second costs twenty times as much, so peers get one. */
const TYPOS = { all: [1, 2], public: [1] } as const satisfies Record<SearchScope, readonly (1 | 2)[]>;

type Wanted = Record<string, string | number | null>;
type Row = Record<string, unknown>;

/** A query with what its words mean, and how many typos they then have. */
interface Understood {
  readonly query: Query;
  readonly meanings?: Meanings;
  readonly typos: 0 | 1 | 2;
}

/** Answers searches from the tables that {@link Fts5Index} writes. */
export class Fts5Search {
  readonly #model: ReadModel;
  readonly #vocabulary: Vocabulary;
  readonly #spellings: SpellingRanks;

  constructor(model: ReadModel, vocabulary: Vocabulary, spellings: SpellingRanks) {
    this.#model = model;
    this.#vocabulary = vocabulary;
    this.#spellings = spellings;
  }

  /** The documents that hold all words as they were typed; when there are none, those that hold what they may mean. */
  answer(question: IndexQuestion): LibraryAnswer {
    const query = parseQuery(question.text);
    if (!query) return NOTHING_FOUND;
    const exact = this.#answerTo({ query, typos: 0 }, question);
    if (exact) return exact;

    for (const typos of TYPOS[question.scope]) {
      const meanings = this.#meaningsOf(query, typos);
      const answer = meanings.size === 0 ? null : this.#answerTo({ query, meanings, typos }, question);
      if (!answer) continue;
      return { ...answer, suggestion: suggestionOf(question.text, meanings, (word) => this.#vocabulary.has(word)) };
    }
    return NOTHING_FOUND;
  }

  /** Null when no document is found. */
  #answerTo(understood: Understood, question: IndexQuestion): LibraryAnswer | null {
    const { query, meanings } = understood;
    const wanted = wantedBy(query, question, meanings);
    const total = this.#count(wanted);
    if (total.documents === 0) return null;
    const rows = this.#page(wanted, question, query, total);
    const facets = question.facets ? this.#facetsOf(wanted) : null;
    return { hits: this.#hitsOf(rows, understood), suggestion: null, facets, total };
  }

  #count(wanted: Wanted): SearchTotal {
    const counted = Number(this.#model.prepare(COUNT).get(wanted)?.['documents']);
    return { documents: Math.min(counted, MAX_TOTAL), isAtLeast: counted > MAX_TOTAL };
  }

  /** The rows of the requested page, in the requested order. */
  #page(wanted: Wanted, question: IndexQuestion, query: Query, total: SearchTotal): Row[] {
    const { order, offset, limit } = question;
    if (order === 'relevance') return this.#rowsOf(this.#ranked(wanted, query).slice(offset, offset + limit));
    // Too many matches to sort by the rules of a language: the stored key sorts them.
    if (order !== 'title' || total.isAtLeast)
      return this.#model.prepare(ORDERED[order]).all({ ...wanted, limit, offset });
    const titles = this.#model.prepare(TITLES).all(wanted) as unknown as { id: number; title: string }[];
    const compare = titlesIn(question.readerLanguage);
    const sorted = titles.toSorted((a, b) => compare(a.title, b.title) || a.id - b.id);
    return this.#rowsOf(sorted.slice(offset, offset + limit).map(({ id }) => ({ id, score: 0 })));
  }

  #ranked(wanted: Wanted, query: Query): { readonly id: number; readonly score: number }[] {
    const rows = this.#model.prepare(RANKED).all(wanted) as unknown as { id: number; score: number }[];
    return this.#spellings.rank(rows, query).toSorted((a, b) => b.score - a.score || a.id - b.id);
  }

  #rowsOf(ranked: readonly { readonly id: number; readonly score: number }[]): Row[] {
    const rows = this.#model.prepare(BY_IDS).all(JSON.stringify(ranked.map(({ id }) => id)));
    const byId = new Map(rows.map((row) => [Number(row['id']), row]));
    return ranked.flatMap(({ id, score }) => {
      const row = byId.get(id);
      return row ? [{ ...row, score }] : [];
    });
  }

  #hitsOf(rows: readonly Row[], { query, meanings, typos }: Understood): SearchHit[] {
    const sought = soughtPhrases(query, meanings);
    const reading = new SnippetReading();
    return rows.map(({ id, metadata, ...row }) => {
      const { title, creators } = JSON.parse(metadata as string) as DocumentMetadata;
      const snippet = snippetOf(reading.of(this.#passagesOf(id as number, sought)), sought);
      return { ...row, title, creators, typos, ...shownOf(snippet) } as SearchHit;
    });
  }

  /** Returns the corrections of each word within a number of typos; words without any are left out. */
  #meaningsOf(query: Query, typos: 1 | 2): Meanings {
    const meanings = mistypable(query)
      .toSorted((a, b) => Number(this.#vocabulary.has(a)) - Number(this.#vocabulary.has(b))) // unknown words first
      .slice(0, MAX_MISTYPED)
      .map((word) => [word, this.#vocabulary.similarTo(word, typos)] as const);
    return new Map(meanings.filter(([, words]) => words.length > 0));
  }

  #facetsOf(wanted: Wanted): SearchFacets {
    const rows = this.#model.prepare(FACETS).all(wanted);
    const valuesOf = (name: keyof SearchFacets) =>
      rows
        .filter(({ facet }) => facet === name)
        .slice(0, MAX_FACET_VALUES)
        .map(({ value, documents }) => ({ value: String(value), documents: Number(documents) }));
    return {
      ...{ mediaTypes: valuesOf('mediaTypes'), languages: valuesOf('languages') },
      ...{ decades: valuesOf('decades'), collections: valuesOf('collections') },
    };
  }

  /** The passages that may hold the phrases, the most promising ones first; of a short text all. */
  *#passagesOf(id: number, sought: readonly SoughtPhrase[]): Generator<Passage> {
    const words = this.#model.prepare(CONCORDANCE).get(id)?.['words'];
    if (!words) {
      for (const row of this.#model.prepare(PASSAGES).iterate(id)) yield passageOf(row);
      return;
    }
    const concordance = new Concordance(zstdDecompressSync(words as Uint8Array).toString());
    const statement = this.#model.prepare(PASSAGE);
    for (const number of concordance.passagesWith(sought)) {
      const row = statement.get(id, number);
      if (row) yield passageOf(row);
    }
  }
}

const passageOf = ({ page, chapter, passage }: Row): Passage =>
  ({ page, chapter, text: zstdDecompressSync(passage as Uint8Array).toString() }) as Passage;

/** The parameters of the statements below. */
function wantedBy(query: Query, { filters, scope }: IndexQuestion, meanings?: Meanings): Wanted {
  const { mediaTypes, languages, collections, ...limits } = filters;
  const oneOf = (values: readonly string[]): string | null => (values.length === 0 ? null : JSON.stringify(values));
  return {
    ...limits,
    match: toMatchExpression(query, meanings),
    publicOnly: Number(scope === 'public'),
    mediaTypes: oneOf(mediaTypes),
    languages: oneOf(languages),
    collections: oneOf(collections),
  };
}

/** From the words to the documents, in this order: the other way round each document would be looked for in the index. */
const MATCHING = `
  texts CROSS JOIN documents ON documents.id = texts.rowid
  WHERE texts MATCH :match AND is_public >= :publicOnly
    AND (:mediaTypes IS NULL OR media_type IN (SELECT value FROM json_each(:mediaTypes)))
    AND (:languages IS NULL OR language IN (SELECT value FROM json_each(:languages)))
    AND (:collections IS NULL OR EXISTS (
      SELECT 1 FROM json_each(documents.collections) WHERE value IN (SELECT value FROM json_each(:collections))))
    AND (:yearFrom IS NULL OR year >= :yearFrom) AND (:yearTo IS NULL OR year <= :yearTo)
    AND (:minSizeBytes IS NULL OR size_bytes >= :minSizeBytes) AND (:maxSizeBytes IS NULL OR size_bytes <= :maxSizeBytes)`;

const HIT =
  'documents.id AS id, document_id AS documentId, documents.name AS name, size_bytes AS sizeBytes, media_type AS mediaType, year, language, metadata';

const COUNT = `SELECT count(*) AS documents FROM (SELECT 1 FROM ${MATCHING} LIMIT ${MAX_TOTAL + 1})`;

const RANKED = `
  SELECT texts.rowid AS id, -bm25(texts, ${Object.values(WEIGHTS).join(', ')}) AS score
  FROM ${MATCHING} ORDER BY texts.rowid DESC LIMIT ${MAX_RANKED}`;

const TITLES = `SELECT documents.id AS id, coalesce(metadata ->> '$.title', documents.name) AS title FROM ${MATCHING}`;

const BY_IDS = `SELECT ${HIT} FROM documents WHERE id IN (SELECT value FROM json_each(?))`;

const orderedBy = (order: string): string =>
  `SELECT ${HIT}, 0 AS score FROM ${MATCHING} ORDER BY ${order}, documents.id LIMIT :limit OFFSET :offset`;

const ORDERED = {
  title: orderedBy('sort_title'),
  year: orderedBy('year DESC NULLS LAST'),
  size: orderedBy('size_bytes DESC'),
  added: orderedBy('indexed_at_ms DESC'),
} as const;

const counted = (facet: keyof SearchFacets, value: string, from = 'counted'): string =>
  `SELECT '${facet}' AS facet, ${value} AS value, count(*) AS documents FROM ${from} WHERE ${value} IS NOT NULL GROUP BY 2`;

const FACETS = `
  WITH counted AS MATERIALIZED (
    SELECT media_type, language, year, documents.collections AS collections FROM ${MATCHING} ORDER BY texts.rowid DESC LIMIT ${MAX_COUNTED}
  )
  ${counted('mediaTypes', 'media_type')} UNION ALL ${counted('languages', 'language')}
  UNION ALL ${counted('decades', 'year - ((year % 10) + 10) % 10')}
  UNION ALL ${counted('collections', 'each.value', 'counted, json_each(counted.collections) AS each')} ORDER BY documents DESC, value`;

const PASSAGES = 'SELECT page, chapter, passage FROM passages WHERE id = ? ORDER BY number';
const PASSAGE = 'SELECT page, chapter, passage FROM passages WHERE id = ? AND number = ?';
const CONCORDANCE = 'SELECT words FROM concordances WHERE id = ?';
