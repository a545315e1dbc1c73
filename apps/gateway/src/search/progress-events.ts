import { answerOf } from './search-answer.ts';
import type { SearchQuestion } from './search-question.ts';
import type { SearchProgress } from './search-progress.ts';

/** Sends the progress of a search to a client: each event only when its content has changed. */
export class ProgressEvents {
  readonly #last = new Map<string, string>();

  constructor(
    private readonly question: SearchQuestion,
    private readonly send: (type: string, data: unknown) => void,
  ) {}

  /** Sends what has changed since the last call. */
  update(progress: SearchProgress): void {
    const { coverage, unavailable, ...results } = answerOf(this.question, progress);
    this.#sendChanged('results', results);
    this.#sendChanged('coverage', { ...coverage, unavailable });
  }

  #sendChanged(type: string, data: unknown): void {
    const text = JSON.stringify(data);
    if (this.#last.get(type) === text) return;
    this.#last.set(type, text);
    this.send(type, data);
  }
}
