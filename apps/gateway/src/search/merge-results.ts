import type { SearchResult } from '@allibrary/api';
import { titlesIn } from '@allibrary/core';
import type { DocumentId, PeerId, SearchHit, SearchOrder } from '@allibrary/contracts';

/** A peer that has a document. */
export type Source = SearchResult['sources'][number];

/** The hits of a peer, best first. */
export interface PeerHits extends Pick<Source, 'seenAtMs'> {
  readonly hits: readonly SearchHit[];
}

/** The answers of this node's index and of the peers. */
export interface Answers {
  /** Best first. */
  readonly local: readonly SearchHit[];
  /** Documents that this node is known to hold, whether its own index found them or not. */
  readonly held: ReadonlySet<DocumentId>;
  readonly peers: ReadonlyMap<PeerId, PeerHits>;
  /** Further peers that have a document, although it is not among their first hits. */
  readonly sources: ReadonlyMap<DocumentId, readonly Source[]>;
}

interface Finding {
  readonly hit: SearchHit;
  /** Null is this node. */
  readonly peerId: PeerId | null;
  readonly seenAtMs: number | null;
  /** 0 is the best hit of its index. */
  readonly rank: number;
}

/** The usual constant of reciprocal rank fusion: a first place counts little more than a second. */
const RANK_OFFSET = 60;

/**
 * Merges the hits by document. Scores of different indexes can't be compared, so relevance is reciprocal rank fusion
 * (Cormack et al., 2009): places count, and a document that several indexes place high comes first; those with mistyped
 * words come last. The order in which the peers answered changes nothing.
 */
export function mergeResults(answers: Answers, order: SearchOrder, readerLanguage: string): SearchResult[] {
  const findings = [
    ...findingsOf({ hits: answers.local, seenAtMs: null }, null),
    ...[...answers.peers].flatMap(([peerId, hits]) => findingsOf(hits, peerId)),
  ];
  const compare = comparisons(readerLanguage)[order];
  return [...Map.groupBy(findings, ({ hit }) => hit.documentId).values()]
    .map((group) => ({ result: describe(group, answers), typos: typosOf(group), fusedScore: fuse(group) }))
    .toSorted((a, b) => compare(a, b) || byRelevance(a, b) || compareResults(a.result, b.result))
    .map(({ result }) => result);
}

/** A document with the values that decide its place in the list. */
interface Ranked {
  readonly result: SearchResult;
  readonly typos: number;
  readonly fusedScore: number;
}

const byRelevance = (a: Ranked, b: Ranked): number => a.typos - b.typos || b.fusedScore - a.fusedScore;

const titleOf = ({ result }: Ranked): string => result.title ?? result.name;
const yearOf = ({ result }: Ranked): number => result.year ?? Number.MIN_SAFE_INTEGER;

/** Only its own node knows when a document was added, so `added` keeps the order of each index. */
function comparisons(readerLanguage: string): Readonly<Record<SearchOrder, (a: Ranked, b: Ranked) => number>> {
  const compareTitles = titlesIn(readerLanguage);
  return {
    relevance: byRelevance,
    title: (a, b) => compareTitles(titleOf(a), titleOf(b)),
    year: (a, b) => yearOf(b) - yearOf(a),
    size: (a, b) => b.result.sizeBytes - a.result.sizeBytes,
    added: byRelevance,
  };
}

const typosOf = (group: readonly Finding[]): number => Math.min(...group.map(({ hit }) => hit.typos));

/** Takes each document once, at its best place: an index can't push a document by repeating it. */
function findingsOf({ hits, seenAtMs }: PeerHits, peerId: PeerId | null): Finding[] {
  const unique = new Map<DocumentId, SearchHit>();
  for (const hit of hits) if (!unique.has(hit.documentId)) unique.set(hit.documentId, hit);
  return [...unique.values()].map((hit, rank) => ({ hit, peerId, seenAtMs, rank }));
}

/** Adds in a fixed order: floating-point sums depend on it, and who answered first must not. */
function fuse(group: readonly Finding[]): number {
  const ranks = group.map(({ rank }) => rank).toSorted((a, b) => a - b);
  return ranks.reduce((sum, rank) => sum + 1 / (RANK_OFFSET + rank), 0);
}

function describe(group: readonly Finding[], { held, sources }: Answers): SearchResult {
  const { documentId, name, sizeBytes, mediaType, title, creators, year, language } = mostTrusted(group).hit;
  const shown = group.toSorted(byTrust).find(({ hit }) => hit.snippet !== null)?.hit;
  return {
    documentId,
    name,
    sizeBytes,
    mediaType,
    title,
    creators,
    year,
    language,
    local: held.has(documentId) || group.some(({ peerId }) => peerId === null),
    sources: sourcesOf(group, sources.get(documentId) ?? []),
    snippet: shown?.snippet ?? null,
    highlights: shown?.highlights ?? [],
    place: shown?.place ?? null,
  };
}

/** Each peer once, as it was seen last. */
function sourcesOf(group: readonly Finding[], others: readonly Source[]): Source[] {
  const listed = group.flatMap(({ peerId, seenAtMs }) => (peerId === null ? [] : [{ peerId, seenAtMs }]));
  const latest = new Map<PeerId, Source>();
  for (const source of [...listed, ...others]) {
    const known = latest.get(source.peerId);
    if (!known || seenUntil(source) > seenUntil(known)) latest.set(source.peerId, source);
  }
  return [...latest.values()].toSorted((a, b) => compareText(a.peerId, b.peerId));
}

const seenUntil = ({ seenAtMs }: Source): number => seenAtMs ?? Number.POSITIVE_INFINITY;

/** Peers may lie about a document: this node's own record comes first, then the description that most peers share. */
function mostTrusted(group: readonly Finding[]): Finding {
  const own = group.find(({ peerId }) => peerId === null);
  if (own) return own;
  const descriptions = Map.groupBy(group, ({ hit }) => JSON.stringify([hit.name, hit.sizeBytes, hit.mediaType]));
  const [most] = [...descriptions].toSorted(([a, as], [b, bs]) => bs.length - as.length || compareText(a, b));
  return most?.[1][0] as Finding;
}

const byTrust = (a: Finding, b: Finding): number =>
  Number(a.peerId !== null) - Number(b.peerId !== null) ||
  a.rank - b.rank ||
  compareText(a.peerId ?? '', b.peerId ?? '');

const compareResults = (a: SearchResult, b: SearchResult): number =>
  Number(b.local) - Number(a.local) || compareText(a.documentId, b.documentId);

const compareText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
