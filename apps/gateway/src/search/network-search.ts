import { type DocumentId, ListSources, SearchPeers } from '@allibrary/contracts';
import { type Bus, RequestFailure, describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import type { SearchQuestion } from './search-question.ts';
import type { SearchProgress, SearchStep } from './search-progress.ts';
import type { SeenAnswers } from './seen-answers.ts';

/** p2p-node replies at once with the peers, or after 3 s that it has no network; a process that hangs never does. */
const FIRST_REPLY_LIMIT_MS = 4_000;
/** A question repeated within this time gets the peers' previous answers. */
const FRESH_MS = 15_000;
/** Once a peer has answered, the others have this long after each answer. */
const QUIET_MS = 900;
/** Limit of the lookup of sources. Both together stay below 1.5 s. */
const SOURCES_LIMIT_MS = 500;
/** Maximum number of hits of a peer. Peers are asked once for all pages. */
const MAX_PEER_HITS = 50;

/** A running search. */
export interface RunningSearch {
  readonly progress: SearchProgress;
  readonly take: (step: SearchStep) => void;
  readonly signal: AbortSignal;
}

/** Asks the peers, or reuses their recent answers. */
export class NetworkSearch {
  constructor(
    private readonly bus: Bus,
    private readonly seen: SeenAnswers,
    private readonly logger: Logger,
  ) {}

  /** Resolves when every peer has answered, or when the time limit of the others is over. */
  async ask(question: SearchQuestion, search: RunningSearch): Promise<void> {
    const known = this.seen.find(question);
    if (known && !question.isRefresh && Date.now() - known.askedAtMs < FRESH_MS) search.progress.addCached(known);
    else {
      if (known) search.progress.addSeen(known);
      await this.#askPeers({ ...question, limit: MAX_PEER_HITS }, search);
    }
  }

  /** Looks up the sources of the shown documents, and stores the network's answers. */
  async findSources(
    question: SearchQuestion,
    shown: readonly DocumentId[],
    { progress, take, signal }: RunningSearch,
  ): Promise<void> {
    const { answered, cachedAtMs } = progress.coverage;
    const documentIds = cachedAtMs === null ? shown : shown.filter((documentId) => !progress.hasLookedFor(documentId));
    if (documentIds.length > 0) {
      take({ kind: 'looking', documentIds });
      await this.#lookUp(documentIds, AbortSignal.any([signal, AbortSignal.timeout(SOURCES_LIMIT_MS)]), take);
    } else if (cachedAtMs !== null) return;
    if (answered > 0) this.seen.keep(question, progress.networkAnswer(cachedAtMs ?? Date.now()));
  }

  async #askPeers(question: SearchQuestion, { progress, take, signal }: RunningSearch): Promise<void> {
    const quiet = new AbortController();
    let timer = setTimeout(() => quiet.abort(), FIRST_REPLY_LIMIT_MS);
    try {
      const until = AbortSignal.any([signal, quiet.signal]);
      for await (const answer of this.bus.requestMany(SearchPeers, question, { signal: until })) {
        take(answer);
        if (progress.isEveryPeerDone) break;
        if (answer.kind === 'failed') continue;
        clearTimeout(timer);
        if (answer.kind === 'answered') timer = setTimeout(() => quiet.abort(), QUIET_MS);
      }
      if (!progress.hasAskedPeers) throw new RequestFailure('unavailable', 'p2p-node does not answer');
    } finally {
      clearTimeout(timer);
    }
  }

  async #lookUp(documentIds: readonly DocumentId[], signal: AbortSignal, take: RunningSearch['take']): Promise<void> {
    try {
      for await (const source of this.bus.requestMany(ListSources, { documentIds: [...documentIds] }, { signal }))
        take({ kind: 'source', ...source });
    } catch (error) {
      this.logger.debug({ documents: documentIds.length, error: describeError(error) }, 'sources not looked up');
    }
  }
}
