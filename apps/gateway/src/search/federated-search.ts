import { type DocumentId, FindHeldDocuments, SearchLibrary } from '@allibrary/contracts';
import { type Bus, RequestFailure, describeError } from '@allibrary/messaging';
import type { LogSums, Logger } from '@allibrary/platform';
import { LookupBatches } from './lookup-batches.ts';
import { NetworkSearch } from './network-search.ts';
import { type SearchPart, SearchProgress, type SearchStep } from './search-progress.ts';
import { type SearchQuestion, pageOf, partsOf } from './search-question.ts';
import type { SeenAnswers } from './seen-answers.ts';

/** The most hits of one answer of the index. */
const MAX_HITS = 100;

/** Searches this node's index and the network of peers side by side. */
export class FederatedSearch {
  readonly #network: NetworkSearch;
  readonly #failures: LogSums;

  constructor(
    private readonly bus: Bus,
    seen: SeenAnswers,
    private readonly logger: Logger,
  ) {
    this.#network = new NetworkSearch(bus, seen, logger);
    this.#failures = logger.sums('warn', { what: 'searches in part', isUrgent: true });
  }

  /**
   * Resolves when every part has answered, or with the results so far when the signal aborts. The progress names a part that is
   * unavailable; the search fails only when all parts are.
   */
  async run(
    question: SearchQuestion,
    signal: AbortSignal,
    onProgress: (progress: SearchProgress) => void = () => {},
  ): Promise<SearchProgress> {
    const progress = new SearchProgress();
    const held = new LookupBatches((documentIds) => this.#lookUpHeld(documentIds, take));
    const take = (step: SearchStep): void => {
      progress.add(step);
      if (step.kind === 'answered') held.add(progress.namedByPeers);
      onProgress(progress);
    };
    const shown = (): DocumentId[] => progress.results(pageOf(question)).map(({ documentId }) => documentId);
    const parts = partsOf(question);
    const ask = {
      local: () => this.#askIndex(question, parts.length === 1, take),
      network: () => this.#network.ask(question, { progress, take, signal }),
    };
    const failures = await Promise.all(parts.map((part) => this.#failureOf(part, ask[part], take)));
    if (failures.every((failure) => failure !== null)) throw unavailable(failures[0]);
    held.add(progress.namedByPeers); // and those of an earlier search
    if (parts.includes('network')) await this.#network.findSources(question, shown(), { progress, take, signal });
    await held.finish();
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

  /** Requests one page, or all hits up to its end when they are merged with those of peers. */
  async #askIndex(question: SearchQuestion, isAlone: boolean, take: (step: SearchStep) => void): Promise<void> {
    const { scope: _, isRefresh: __, ...request } = question;
    const end = question.offset + question.limit;
    for (let offset = isAlone ? question.offset : 0; offset < end; offset += MAX_HITS) {
      const limit = Math.min(MAX_HITS, end - offset);
      const answer = await this.bus.request(SearchLibrary, { ...request, offset, limit, publicOnly: false });
      take({ kind: 'local', ...answer });
      if (answer.hits.length < limit) return;
    }
  }

  /** Needed because the local index may lack a document that this node holds, or was not asked. */
  async #lookUpHeld(documentIds: DocumentId[], take: (step: SearchStep) => void): Promise<void> {
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
