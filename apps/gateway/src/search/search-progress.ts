import type { SearchReply, SearchResult } from '@allibrary/api';
import type {
  DocumentId,
  LibraryAnswer,
  ListSources,
  PeerAnswer,
  PeerId,
  ReplyOf,
  SearchHit,
  SearchOrder,
  SearchTotal,
} from '@allibrary/contracts';
import { type PeerHits, type Source, mergeResults } from './merge-results.ts';

/** The parts of a search: this node's own index, and the network of peers. */
export type SearchPart = 'local' | 'network';

/** A peer's hits, with the number of all documents that it finds. */
export interface SeenHits extends PeerHits {
  readonly hits: readonly SearchHit[];
  readonly total: SearchTotal | null;
}

/** The network's answers to a question: the part of a search that is stored. */
export interface NetworkAnswer {
  readonly askedAtMs: number;
  readonly asked: readonly PeerId[];
  readonly failed: readonly PeerId[];
  readonly peers: readonly (readonly [PeerId, SeenHits])[];
  readonly sources: readonly (readonly [DocumentId, readonly Source[]])[];
}

/** One thing that happened during a search. */
export type SearchStep =
  | PeerAnswer
  | ({ readonly kind: 'local' } & LibraryAnswer)
  /** This node holds documents that peers named. */
  | { readonly kind: 'held'; readonly documentIds: readonly DocumentId[] }
  /** The sources of these documents are being looked for. */
  | { readonly kind: 'looking'; readonly documentIds: readonly DocumentId[] }
  /** A peer has documents that are shown. */
  | ({ readonly kind: 'source' } & ReplyOf<typeof ListSources>)
  | { readonly kind: 'unavailable'; readonly part: SearchPart };

/** Which results are shown. */
export interface Page {
  /** Number of results to skip, of those that are accumulated. */
  readonly skip: number;
  readonly limit: number;
  readonly order: SearchOrder;
  readonly readerLanguage: string;
}

/** Accumulates the steps of a search. */
export class SearchProgress {
  #local: LibraryAnswer = { hits: [], suggestion: null, facets: null, total: null };
  /** Undefined until p2p-node has replied. */
  #asked: readonly PeerId[] | undefined;
  #cachedAtMs: number | null = null;
  readonly #held = new Set<DocumentId>();
  readonly #peers = new Map<PeerId, SeenHits>();
  readonly #sources = new Map<DocumentId, readonly Source[]>();
  readonly #failed = new Set<PeerId>();
  readonly #unavailable = new Set<SearchPart>();

  /** Adds a step. */
  add(step: SearchStep): void {
    switch (step.kind) {
      case 'local':
        this.#local = { ...step, hits: [...this.#local.hits, ...step.hits] };
        return;
      case 'held':
        for (const documentId of step.documentIds) this.#held.add(documentId);
        return;
      case 'looking':
        for (const documentId of step.documentIds) this.#sources.set(documentId, this.#sources.get(documentId) ?? []);
        return;
      case 'source':
        for (const documentId of step.documentIds) this.#addSource(documentId, step);
        return;
      case 'asked':
        this.#asked = step.peerIds;
        return;
      case 'answered':
        this.#forget(step.peerId);
        this.#peers.set(step.peerId, { hits: step.hits, total: step.total, seenAtMs: null });
        return;
      case 'failed':
        this.#failed.add(step.peerId);
        return;
      case 'unavailable':
        this.#unavailable.add(step.part);
        return;
    }
  }

  /** Adds the answers of an earlier search. A new answer of a peer replaces its earlier one. */
  addSeen({ peers, sources, askedAtMs }: NetworkAnswer): void {
    for (const [peerId, seen] of peers) this.#peers.set(peerId, { ...seen, seenAtMs: seen.seenAtMs ?? askedAtMs });
    for (const [documentId, each] of sources)
      this.#sources.set(
        documentId,
        each.map(({ peerId, seenAtMs }) => ({ peerId, seenAtMs: seenAtMs ?? askedAtMs })),
      );
  }

  /** Adds recent answers of the network instead of asking it. */
  addCached(answer: NetworkAnswer): void {
    this.addSeen(answer);
    this.#asked = answer.asked;
    for (const peerId of answer.failed) this.#failed.add(peerId);
    this.#cachedAtMs = answer.askedAtMs;
  }

  /** The network's answers, to be stored. */
  networkAnswer(askedAtMs: number): NetworkAnswer {
    const [asked, failed] = [this.#asked ?? [], [...this.#failed]];
    return { askedAtMs, asked, failed, peers: [...this.#peers], sources: [...this.#sources] };
  }

  /** Documents that peers have named. */
  get namedByPeers(): DocumentId[] {
    return [...this.#peers.values()].flatMap(({ hits }) => hits.map(({ documentId }) => documentId));
  }

  /** Whether the sources of a document were looked for, now or by an earlier search. */
  hasLookedFor(documentId: DocumentId): boolean {
    return this.#sources.has(documentId);
  }

  /** Documents found, merged over all answers, best first. */
  results({ skip, limit, order, readerLanguage }: Page): SearchResult[] {
    return this.#merged(order, readerLanguage).slice(skip, skip + limit);
  }

  /** Number of documents that this node finds. */
  get ownTotal(): SearchTotal {
    return this.#local.total ?? { documents: this.#local.hits.length, isAtLeast: false };
  }

  /** Number of documents that this node and its peers find; of a peer, only the returned hits count. */
  get total(): SearchTotal {
    const own = new Set([...this.#local.hits.map(({ documentId }) => documentId), ...this.#held]);
    const peers = [...this.#peers.values()];
    const others = new Set(this.namedByPeers);
    const local = this.ownTotal;
    const hasMore = peers.some(
      ({ hits, total }) => total !== null && (total.isAtLeast || total.documents > hits.length),
    );
    return {
      documents: local.documents + [...others].filter((documentId) => !own.has(documentId)).length,
      isAtLeast: local.isAtLeast || hasMore,
    };
  }

  /** The local index's suggestion and facets. */
  get remarks(): Pick<LibraryAnswer, 'suggestion' | 'facets'> {
    const { suggestion, facets } = this.#local;
    return { suggestion, facets };
  }

  get coverage(): SearchReply['coverage'] {
    const all = this.#asked ?? [];
    const missing = all
      .filter((peerId) => !this.#hasAnswered(peerId))
      .map((peerId) => ({ peerId, reason: this.#failed.has(peerId) ? ('failed' as const) : ('silent' as const) }));
    const asked = all.length;
    return { asked, answered: asked - missing.length, missing, cachedAtMs: this.#cachedAtMs };
  }

  /** Whether p2p-node has replied with the peers that it asks, even if there are none. */
  get hasAskedPeers(): boolean {
    return this.#asked !== undefined;
  }

  /** The parts that could not be asked. */
  get unavailable(): SearchPart[] {
    return [...this.#unavailable];
  }

  /** Whether every peer that was asked has answered or failed. */
  get isEveryPeerDone(): boolean {
    return (this.#asked ?? []).every((peerId) => this.#hasAnswered(peerId) || this.#failed.has(peerId));
  }

  /** Whether a peer has answered this search, or the one that it repeats. */
  #hasAnswered(peerId: PeerId): boolean {
    const seenAtMs = this.#peers.get(peerId)?.seenAtMs;
    return seenAtMs === null || (seenAtMs !== undefined && seenAtMs === this.#cachedAtMs);
  }

  #merged(order: SearchOrder, readerLanguage: string): SearchResult[] {
    const answers = { local: this.#local.hits, held: this.#held, peers: this.#peers, sources: this.#sources };
    return mergeResults(answers, order, readerLanguage);
  }

  /** The DHT names a peer for two days after it has left: what is known of the peer itself counts more. */
  #addSource(documentId: DocumentId, { peerId, isConfirmed }: ReplyOf<typeof ListSources>): void {
    const sources = this.#sources.get(documentId) ?? [];
    const known = sources.find((source) => source.peerId === peerId) ?? this.#peers.get(peerId);
    const others = sources.filter((source) => source.peerId !== peerId);
    const seenAtMs = isConfirmed ? null : (known?.seenAtMs ?? null);
    this.#sources.set(documentId, [...others, { peerId, seenAtMs }]);
  }

  /** Removes what an earlier search found at a peer. */
  #forget(peerId: PeerId): void {
    for (const [documentId, sources] of this.#sources) {
      const left = sources.filter((source) => source.peerId !== peerId || source.seenAtMs === null);
      this.#sources.set(documentId, left);
    }
  }
}
