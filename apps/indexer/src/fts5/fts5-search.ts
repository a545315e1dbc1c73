import { zstdDecompressSync } from 'node:zlib';
import type { DocumentMetadata, LibraryAnswer, SearchFacets, SearchHit, SearchOrder } from '@allibrary/contracts';
import type { ReadModel } from '@allibrary/platform';
import type { Passage } from '../search/passages.ts';
import { type Meanings, type Query, mistypable, parseQuery, soughtWords, toMatchExpression } from '../search/query.ts';
import { SnippetReading, shownOf, snippetOf } from '../search/snippet.ts';
import { suggestionOf } from '../search/suggestion.ts';
import { WEIGHTS } from './fts5-schema.ts';
import { type IndexQuestion, NOTHING_FOUND, type SearchScope } from '../search/search-index.ts';
import type { Vocabulary } from './vocabulary.ts';

/** FTS5 scores every match. Of a very common word, only this number of the newest documents is ranked. */
const MAX_RANKED = 4_000;
/** Number of matches that the facets count. */
const MAX_COUNTED = 20_000;
const MAX_FACET_VALUES = 20;
/** Number of mistyped words of a query; correcting one costs some milliseconds. */
const MAX_MISTYPED = 4;
/** Typos allowed in a word. The second costs twenty times as much, so peers get one. */
const TYPOS = { all: [1, 2], public: [1] } as const satisfies Record<SearchScope, readonly (1 | 2)[]>;

type Wanted = Record<string, string | number | null>;

/** Answers searches from the tables that {@link Fts5Index} writes. */
export class Fts5Search {
  readonly #model: ReadModel;
  readonly #vocabulary: Vocabulary;

  constructor(model: ReadModel, vocabulary: Vocabulary) {
    this.#model = model;
    this.#vocabulary = vocabulary;
  }

  /** The documents that hold all words as they were typed; when there are none, those that hold what they may mean. */
  answer(question: IndexQuestion): LibraryAnswer {
    const query = parseQuery(question.text);
    if (!query) return NOTHING_FOUND;
    const exact = this.#hits(query, question);
    if (exact.length > 0 || this.#isPastTheEnd(query, question))
      return { hits: exact, suggestion: null, facets: this.#facetsOf(query, question) };

    for (const typos of TYPOS[question.scope]) {
      const meanings = this.#meaningsOf(query, typos);
      const hits = meanings.size === 0 ? [] : this.#hits(query, question, meanings, typos);
      if (hits.length === 0) continue;
      const suggestion = suggestionOf(question.text, meanings, (word) => this.#vocabulary.has(word));
      return { hits, suggestion, facets: this.#facetsOf(query, question, meanings) };
    }
    return NOTHING_FOUND;
  }

  #hits(query: Query, question: IndexQuestion, meanings?: Meanings, typos = 0): SearchHit[] {
    const sought = soughtWords(query, meanings);
    const wanted = { ...wantedBy(query, question, meanings), limit: question.limit, offset: question.offset };
    const statement = this.#model.prepare(ORDERED[question.order]);
    const reading = new SnippetReading();
    return statement.all(wanted).map(({ id, metadata, ...row }) => {
      const { title, creators } = JSON.parse(metadata as string) as DocumentMetadata;
      const snippet = snippetOf(reading.of(this.#passagesOf(id as number)), sought);
      return { ...row, title, creators, typos, ...shownOf(snippet) } as SearchHit;
    });
  }

  /** Whether there are such documents, but none on this page. */
  #isPastTheEnd(query: Query, question: IndexQuestion): boolean {
    return question.offset > 0 && this.#hits(query, { ...question, offset: 0, limit: 1 }).length > 0;
  }

  /** Returns the corrections of each word within a number of typos; words without any are left out. */
  #meaningsOf(query: Query, typos: 1 | 2): Meanings {
    const meanings = mistypable(query)
      .toSorted((a, b) => Number(this.#vocabulary.has(a)) - Number(this.#vocabulary.has(b))) // unknown words first
      .slice(0, MAX_MISTYPED)
      .map((word) => [word, this.#vocabulary.similarTo(word, typos)] as const);
    return new Map(meanings.filter(([, words]) => words.length > 0));
  }

  #facetsOf(query: Query, question: IndexQuestion, meanings?: Meanings): SearchFacets | null {
    if (!question.facets) return null;
    const rows = this.#model.prepare(FACETS).all(wantedBy(query, question, meanings));
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

  *#passagesOf(id: number): Generator<Passage> {
    for (const { page, chapter, passage } of this.#model.prepare(PASSAGES).iterate(id)) {
      yield { page, chapter, text: zstdDecompressSync(passage as Uint8Array).toString() } as Passage;
    }
  }
}

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
  'document_id AS documentId, documents.name AS name, size_bytes AS sizeBytes, media_type AS mediaType, year, language, metadata';

const orderedBy = (order: string): string =>
  `SELECT documents.id AS id, ${HIT}, 0 AS score FROM ${MATCHING} ORDER BY ${order}, documents.id LIMIT :limit OFFSET :offset`;

const ORDERED: Readonly<Record<SearchOrder, string>> = {
  relevance: `
    WITH ranked AS MATERIALIZED (
      SELECT texts.rowid AS id, -bm25(texts, ${Object.values(WEIGHTS).join(', ')}) AS score
      FROM ${MATCHING} ORDER BY texts.rowid DESC LIMIT ${MAX_RANKED}
    )
    SELECT id, ${HIT}, score FROM ranked JOIN documents USING (id) ORDER BY score DESC, id LIMIT :limit OFFSET :offset`,
  title: orderedBy('sort_title'),
  year: orderedBy('year DESC NULLS LAST'),
  size: orderedBy('size_bytes DESC'),
  added: orderedBy('indexed_at_ms DESC'),
};

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
