import {
  type DocumentId,
  FindHeldDocuments,
  type RequestOf,
  SearchLibrary,
  SearchPeers,
  type SearchRequest,
} from '@allibrary/contracts';
import { type Bus, RequestFailure, describeError } from '@allibrary/messaging';
import type { LogSums, Logger } from '@allibrary/platform';
import { LookupBatches } from './lookup-batches.ts';
import { type SearchPart, SearchProgress, type SearchStep } from './search-progress.ts';

/** Parts that a search of each scope asks. */
const PARTS_OF_SCOPE = {
  local: ['local'],
  network: ['network'],
  all: ['local', 'network'],
} as const satisfies Record<string, readonly SearchPart[]>;

/** p2p-node replies at once with the number of peers, or after 3 s that it has no network; a process that hangs never does. */
const FIRST_REPLY_LIMIT_MS = 4_000;

/** What is searched, and where. */
export interface SearchQuestion extends Omit<RequestOf<typeof SearchLibrary>, 'publicOnly'> {
  readonly scope: keyof typeof PARTS_OF_SCOPE;
}

/** Searches this node's index and the network of peers side by side. */
export class FederatedSearch {
  readonly #failures: LogSums;

  constructor(
    private readonly bus: Bus,
    private readonly logger: Logger,
  ) {
    this.#failures = logger.sums('warn', { what: 'searches in part', isUrgent: true });
  }

  /**
   * Resolves when every part has answered, or with the results so far when the signal aborts. The progress names a part that is
   * unavailable; the search fails only when all parts are.
   */
  async run(
    { scope, ...question }: SearchQuestion,
    signal: AbortSignal,
    onProgress: (progress: SearchProgress) => void = () => {},
  ): Promise<SearchProgress> {
    const progress = new SearchProgress();
    const take = (step: SearchStep): void => {
      progress.add(step);
      onProgress(progress);
    };
    const ask = {
      local: () => this.#askIndex({ ...question, publicOnly: false }, take),
      network: () => this.#askPeers(question, signal, progress, take),
    };
    // Peers have collections of their own.
    const parts = question.filters.collections.length > 0 ? PARTS_OF_SCOPE.local : PARTS_OF_SCOPE[scope];
    const failures = await Promise.all(parts.map((part) => this.#failureOf(part, ask[part], take)));
    if (failures.every((failure) => failure !== null)) throw unavailable(failures[0]);
    return progress;
  }

  async #failureOf(part: SearchPart, ask: () => Promise<void>, take: (step: SearchStep) => void): Promise<unknown> {
    try {
      await ask();
      return null;
    } catch (error) {
      this.#failures.add(part, { part, error: describeError(error) }, `${part} part of a search failed`);
      take({ kind: 'unavailable', part });
      return error;
    }
  }

  async #askIndex(request: RequestOf<typeof SearchLibrary>, take: (step: SearchStep) => void): Promise<void> {
    take({ kind: 'local', ...(await this.bus.request(SearchLibrary, request)) });
  }

  async #askPeers(
    request: SearchRequest,
    signal: AbortSignal,
    progress: SearchProgress,
    take: (step: SearchStep) => void,
  ): Promise<void> {
    const held = new LookupBatches((documentIds) => this.#lookUp(documentIds, take));
    const silence = new AbortController();
    const giveUp = setTimeout(() => silence.abort(), FIRST_REPLY_LIMIT_MS);
    const until = AbortSignal.any([signal, silence.signal]);
    try {
      for await (const answer of this.bus.requestMany(SearchPeers, request, { signal: until })) {
        clearTimeout(giveUp);
        take(answer);
        if (answer.kind === 'answered') held.add(answer.hits.map(({ documentId }) => documentId));
        if (progress.isEveryPeerDone) break;
      }
      if (!progress.hasAskedPeers) throw new RequestFailure('unavailable', 'p2p-node does not answer');
    } finally {
      clearTimeout(giveUp);
      await held.finish();
    }
  }

  /** The local index may have missed what this node holds, or was not asked. */
  async #lookUp(documentIds: DocumentId[], take: (step: SearchStep) => void): Promise<void> {
    try {
      take({ kind: 'held', ...(await this.bus.request(FindHeldDocuments, { documentIds })) });
    } catch (error) {
      this.logger.debug({ documents: documentIds.length, error: describeError(error) }, 'held documents not looked up');
    }
  }
}

const unavailable = (cause: unknown): RequestFailure =>
  new RequestFailure(
    'unavailable',
    `Nothing could be searched (${describeError(cause)}). Try again in a few seconds.`,
    { cause },
  );
