import type { DocumentId, LibraryAnswer, PeerAnswer, PeerId, SearchHit, SearchOrder } from '@allibrary/contracts';
import { type SearchResult, mergeResults } from './merge-results.ts';

/** What takes part in a search: this node's own index, and the network of peers. */
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

/** All that a search has learned so far. */
export class SearchProgress {
  #local: LibraryAnswer = { hits: [], suggestion: null, facets: null };
  #asked = 0;
  readonly #held = new Set<DocumentId>();
  readonly #peers = new Map<PeerId, readonly SearchHit[]>();
  readonly #failed = new Set<PeerId>();
  readonly #unavailable = new Set<SearchPart>();

  /** Takes a step in. */
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

  /** The documents found, merged over all that answered, best first. */
  results(limit: number, order: SearchOrder): SearchResult[] {
    return mergeResults({ local: this.#local.hits, held: this.#held, peers: this.#peers }, order).slice(0, limit);
  }

  /** What this node's own index says of the question besides its hits. */
  get remarks(): Pick<LibraryAnswer, 'suggestion' | 'facets'> {
    const { suggestion, facets } = this.#local;
    return { suggestion, facets };
  }

  get coverage(): Coverage {
    return { asked: this.#asked, answered: this.#peers.size };
  }

  /** The parts that could not be asked. */
  get unavailable(): SearchPart[] {
    return [...this.#unavailable];
  }

  /** Whether every peer that was asked has answered or failed. */
  get isEveryPeerDone(): boolean {
    return this.#peers.size + this.#failed.size >= this.#asked;
  }
}
