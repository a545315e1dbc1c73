import type { DocumentId, LibraryAnswer, PeerAnswer, PeerId, SearchHit, SearchOrder } from '@allibrary/contracts';
import { type SearchResult, mergeResults } from './merge-results.ts';

/** The parts of a search: this node's own index, and the network of peers. */
export type SearchPart = 'local' | 'network';

/** How many peers were asked, and how many of them have answered. */
export interface Coverage {
  readonly asked: number;
  readonly answered: number;
}

/** One thing that happened during a search. */
export type SearchStep =
  | PeerAnswer
  | ({ readonly kind: 'local' } & LibraryAnswer)
  /** This node holds documents that peers named. */
  | { readonly kind: 'held'; readonly documentIds: readonly DocumentId[] }
  | { readonly kind: 'unavailable'; readonly part: SearchPart };

/** Accumulates the steps of a search. */
export class SearchProgress {
  #local: LibraryAnswer = { hits: [], suggestion: null, facets: null };
  /** Undefined until p2p-node has replied. */
  #asked: number | undefined;
  readonly #held = new Set<DocumentId>();
  readonly #peers = new Map<PeerId, readonly SearchHit[]>();
  readonly #failed = new Set<PeerId>();
  readonly #unavailable = new Set<SearchPart>();

  /** Adds a step. */
  add(step: SearchStep): void {
    switch (step.kind) {
      case 'local':
        this.#local = step;
        return;
      case 'held':
        for (const documentId of step.documentIds) this.#held.add(documentId);
        return;
      case 'asked':
        this.#asked = step.peers;
        return;
      case 'answered':
        this.#peers.set(step.peerId, step.hits);
        return;
      case 'failed':
        this.#failed.add(step.peerId);
        return;
      case 'unavailable':
        this.#unavailable.add(step.part);
        return;
    }
  }

  /** Documents found, merged over all answers, best first. */
  results(limit: number, order: SearchOrder): SearchResult[] {
    return mergeResults({ local: this.#local.hits, held: this.#held, peers: this.#peers }, order).slice(0, limit);
  }

  /** The local index's suggestion and facets. */
  get remarks(): Pick<LibraryAnswer, 'suggestion' | 'facets'> {
    const { suggestion, facets } = this.#local;
    return { suggestion, facets };
  }

  get coverage(): Coverage {
    return { asked: this.#asked ?? 0, answered: this.#peers.size };
  }

  /** Whether the network was asked, were it nobody. */
  get hasAskedPeers(): boolean {
    return this.#asked !== undefined;
  }

  /** The parts that could not be asked. */
  get unavailable(): SearchPart[] {
    return [...this.#unavailable];
  }

  /** Whether every peer that was asked has answered or failed. */
  get isEveryPeerDone(): boolean {
    return this.#peers.size + this.#failed.size >= (this.#asked ?? 0);
  }
}
