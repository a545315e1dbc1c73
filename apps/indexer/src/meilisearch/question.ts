import type { LibraryFilters, SearchOrder } from '@allibrary/contracts';
import type { SearchParams } from 'meilisearch';
import type { Phrase, Query } from '../search/query.ts';
import { fold } from '../extraction/text/words.ts';
import type { IndexQuestion } from '../search/search-index.ts';

/** Whether words may have typos. */
export type Tolerance = 'as-typed' | 'tolerant';

/** One word in the eyes of Meilisearch, which cuts it by the rules of its language. */
const ONE_WORD = /^[\p{L}\p{N}\p{M}]+$/u;

const SORT: Readonly<Record<SearchOrder, string[]>> = {
  relevance: [],
  title: ['sortTitle:asc'],
  year: ['year:desc'],
  size: ['sizeBytes:desc'],
  added: ['indexedAtMs:desc'],
};

/**
 * A query in Meilisearch's own words. It forgives typos in every word that is not quoted, so for what was typed all words
 * are quoted but an unfinished last one: that one may be continued, or mistyped.
 */
export function textOf({ phrases, excluded, isUnfinished }: Query, tolerance: Tolerance): string {
  const last = phrases.length - 1;
  const isOpen = (phrase: Phrase, at: number): boolean =>
    !phrase.isQuoted &&
    ONE_WORD.test(phrase.text) &&
    (tolerance === 'tolerant' || (at === last && (isUnfinished || isUnspaced(phrase))));
  const wanted = phrases.map((phrase, at) => (isOpen(phrase, at) ? plain(phrase) : quoted(phrase)));
  // The last word of a question is taken for the beginning of a longer one.
  const unwanted = excluded.map((phrase) => `-${quoted(phrase)}`);
  return [...unwanted, ...wanted].join(' ');
}

/** A word of a script without blanks, each letter of which is a word to us. */
const isUnspaced = ({ words }: Phrase): boolean => words.length > 1;

const plain = ({ text }: Phrase): string => fold(text.replaceAll('"', ' ')).trim();
const quoted = (phrase: Phrase): string => `"${plain(phrase)}"`;

/** A question as the parameters of Meilisearch's search. */
export function parametersOf({ filters, scope, order, limit, offset, facets }: IndexQuestion): SearchParams {
  return {
    limit,
    offset,
    filter: [...(scope === 'public' ? ['isPublic = true'] : []), ...conditionsOf(filters)],
    sort: SORT[order],
    facets: facets ? ['mediaType', 'language', 'decade', 'collections'] : [],
    matchingStrategy: 'all',
    showRankingScore: true,
    showRankingScoreDetails: true,
  };
}

function conditionsOf(filters: LibraryFilters): string[] {
  const { mediaTypes, languages, collections, yearFrom, yearTo, minSizeBytes, maxSizeBytes } = filters;
  return [
    ...oneOf('mediaType', mediaTypes),
    ...oneOf('language', languages),
    ...oneOf('collections', collections),
    ...limit('year >=', yearFrom),
    ...limit('year <=', yearTo),
    ...limit('sizeBytes >=', minSizeBytes),
    ...limit('sizeBytes <=', maxSizeBytes),
  ];
}

const oneOf = (attribute: string, values: readonly string[]): string[] =>
  values.length === 0 ? [] : [`${attribute} IN ${JSON.stringify(values)}`];

const limit = (comparison: string, value: number | null): string[] =>
  value === null ? [] : [`${comparison} ${value}`];
