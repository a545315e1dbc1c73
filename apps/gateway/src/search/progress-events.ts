import type { SearchProgress } from './search-progress.ts';
import type { SearchQuestion } from './federated-search.ts';

/** Tells a client how a search goes on: each event only when its content has changed. */
export class ProgressEvents {
  readonly #last = new Map<string, string>();

  constructor(
    private readonly question: SearchQuestion,
    private readonly send: (type: string, data: unknown) => void,
  ) {}

  /** Tells what has changed since the last time. */
  tell(progress: SearchProgress): void {
    const { limit, order } = this.question;
    this.#sendChanged('results', { results: progress.results(limit, order), ...progress.remarks });
    this.#sendChanged('coverage', { ...progress.coverage, unavailable: progress.unavailable });
  }

  #sendChanged(type: string, data: unknown): void {
    const text = JSON.stringify(data);
    if (this.#last.get(type) === text) return;
    this.#last.set(type, text);
    this.send(type, data);
  }
}
