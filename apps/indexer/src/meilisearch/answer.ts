import { type LibraryAnswer, type SearchFacets, type SearchHit } from '@allibrary/contracts';
import type { Hit, SearchResponse } from 'meilisearch';
import { meaningsIn } from '../search/meant-words.ts';
import { type Meanings, type Query, soughtPhrases } from '../search/query.ts';
import { shownOf, snippetOf } from '../search/snippet.ts';
import { suggestionOf } from '../search/suggestion.ts';
import { wordsOf } from '../extraction/text/words.ts';
import type { IndexQuestion } from '../search/search-index.ts';
import type { Tolerance } from './question.ts';
import { MAX_TOTAL, type PassageRecord } from './schema.ts';

type Found = Hit<PassageRecord>;

/** What was asked. */
export interface Asked {
  readonly query: Query;
  readonly question: IndexQuestion;
  readonly tolerance: Tolerance;
}

/** Converts Meilisearch's results: the documents without a typo, or those with the fewest. */
export function answerOf(
  {
    hits,
    facetDistribution,
    estimatedTotalHits = 0,
  }: Pick<SearchResponse<PassageRecord>, 'hits' | 'facetDistribution' | 'estimatedTotalHits'>,
  { query, question, tolerance }: Asked,
): LibraryAnswer {
  const typos = tolerance === 'tolerant' && hits[0] ? typosOf(hits[0]) : 0;
  const found = hits.filter((hit) => typosOf(hit) === typos);
  const documents = Math.max(estimatedTotalHits, question.offset + found.length);
  // Meilisearch estimates, and counts documents with more typos too.
  const total = { documents, isAtLeast: documents >= MAX_TOTAL };
  const facets = question.facets && found.length > 0 ? facetsOf(facetDistribution ?? {}) : null;
  if (typos === 0) return { hits: found.map((hit) => hitOf(hit, query)), suggestion: null, facets, total };
  const texts = found.map(textOf);
  const meanings = meaningsIn(texts, query);
  const known = new Set(texts.flatMap(wordsOf));
  const suggestion = suggestionOf(question.text, meanings, (word) => known.has(word));
  return { hits: found.map((hit) => hitOf(hit, query, meanings)), suggestion, facets, total };
}

/** How many typos all words of the question together have in a hit. */
const typosOf = ({ _rankingScoreDetails: details }: Found): number => details?.typo?.typoCount ?? 0;

const textOf = ({ title, name, creators, body }: Found): string => [title ?? '', name, ...creators, body].join('\n');

function hitOf(hit: Found, query: Query, meanings?: Meanings): SearchHit {
  const { documentId, name, sizeBytes, mediaType, title, creators, year, language, page, chapter, body } = hit;
  const snippet = snippetOf([{ page, chapter, text: body }], soughtPhrases(query, meanings));
  return {
    ...{ documentId, name, sizeBytes, mediaType, title, creators: [...creators], year, language },
    ...shownOf(snippet),
    typos: Math.min(typosOf(hit), 2),
    score: hit._rankingScore ?? 0,
  };
}

function facetsOf(distribution: Readonly<Record<string, Readonly<Record<string, number>>>>): SearchFacets {
  const valuesOf = (attribute: string) =>
    Object.entries(distribution[attribute] ?? {})
      .map(([value, documents]) => ({ value, documents }))
      .toSorted((a, b) => b.documents - a.documents || (a.value < b.value ? -1 : 1));
  return {
    ...{ mediaTypes: valuesOf('mediaType'), languages: valuesOf('language') },
    ...{ decades: valuesOf('decade'), collections: valuesOf('collections') },
  };
}
