import type { DocumentId, Highlight, PeerId, Place, SearchHit, SearchOrder } from '@allibrary/contracts';

/** A document that a search found, and who has it. */
export interface SearchResult {
  readonly documentId: DocumentId;
  readonly name: string;
  readonly sizeBytes: number;
  readonly mediaType: string;
  readonly title: string | null;
  readonly creators: readonly string[];
  readonly year: number | null;
  readonly language: string | null;
  /** Whether this node holds it. */
  readonly local: boolean;
  /** The peers that answered with it. */
  readonly sources: readonly { readonly peerId: PeerId }[];
  readonly snippet: string | null;
  readonly highlights: readonly Highlight[];
  /** Where the snippet stands. */
  readonly place: Place | null;
}

/** The hits of every index that has answered, each best first. */
export interface Answers {
  readonly local: readonly SearchHit[];
  /** Documents that this node is known to hold, whether its own index found them or not. */
  readonly held: ReadonlySet<DocumentId>;
  readonly peers: ReadonlyMap<PeerId, readonly SearchHit[]>;
}

interface Finding {
  readonly hit: SearchHit;
  /** Null is this node. */
  readonly peerId: PeerId | null;
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
export function mergeResults(answers: Answers, order: SearchOrder): SearchResult[] {
  const findings = [
    ...findingsOf(answers.local, null),
    ...[...answers.peers].flatMap(([peerId, hits]) => findingsOf(hits, peerId)),
  ];
  return [...Map.groupBy(findings, ({ hit }) => hit.documentId).values()]
    .map((group) => ({ result: describe(group, answers.held), typos: typosOf(group), fusedScore: fuse(group) }))
    .toSorted((a, b) => COMPARE[order](a, b) || byRelevance(a, b) || compareResults(a.result, b.result))
    .map(({ result }) => result);
}

/** A document with what its place in the list depends on. */
interface Ranked {
  readonly result: SearchResult;
  readonly typos: number;
  readonly fusedScore: number;
}

const byRelevance = (a: Ranked, b: Ranked): number => a.typos - b.typos || b.fusedScore - a.fusedScore;

const TITLES = new Intl.Collator('und', { numeric: true });
const titleOf = ({ result }: Ranked): string => result.title ?? result.name;
const yearOf = ({ result }: Ranked): number => result.year ?? Number.MIN_SAFE_INTEGER;

/** When a document was added only its own node knows: there each index's own order counts. */
const COMPARE: Readonly<Record<SearchOrder, (a: Ranked, b: Ranked) => number>> = {
  relevance: byRelevance,
  title: (a, b) => TITLES.compare(titleOf(a), titleOf(b)),
  year: (a, b) => yearOf(b) - yearOf(a),
  size: (a, b) => b.result.sizeBytes - a.result.sizeBytes,
  added: byRelevance,
};

const typosOf = (group: readonly Finding[]): number => Math.min(...group.map(({ hit }) => hit.typos));

/** Takes each document once, at its best place: an index can't push a document by repeating it. */
function findingsOf(hits: readonly SearchHit[], peerId: PeerId | null): Finding[] {
  const unique = new Map<DocumentId, SearchHit>();
  for (const hit of hits) if (!unique.has(hit.documentId)) unique.set(hit.documentId, hit);
  return [...unique.values()].map((hit, rank) => ({ hit, peerId, rank }));
}

/** Adds in a fixed order: floating-point sums depend on it, and who answered first must not. */
function fuse(group: readonly Finding[]): number {
  const ranks = group.map(({ rank }) => rank).toSorted((a, b) => a - b);
  return ranks.reduce((sum, rank) => sum + 1 / (RANK_OFFSET + rank), 0);
}

function describe(group: readonly Finding[], held: ReadonlySet<DocumentId>): SearchResult {
  const { documentId, name, sizeBytes, mediaType, title, creators, year, language } = mostTrusted(group).hit;
  const shown = group.toSorted(byTrust).find(({ hit }) => hit.snippet !== null)?.hit;
  const peerIds = group.flatMap(({ peerId }) => peerId ?? []).toSorted();
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
    sources: peerIds.map((peerId) => ({ peerId })),
    snippet: shown?.snippet ?? null,
    highlights: shown?.highlights ?? [],
    place: shown?.place ?? null,
  };
}

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
