import type { SearchProgress } from '../domain/search-progress.ts';

/** Tells a client how a search goes on: each event only when its content has changed. */
export class ProgressEvents {
  readonly #last = new Map<string, string>();

  constructor(
    private readonly limit: number,
    private readonly send: (type: string, data: unknown) => void,
  ) {}

  /** Tells what has changed since the last time. */
  tell(progress: SearchProgress): void {
    this.#sendChanged('results', { results: progress.results(this.limit) });
    this.#sendChanged('coverage', { ...progress.coverage, unavailable: progress.unavailable });
  }

  #sendChanged(type: string, data: unknown): void {
    const text = JSON.stringify(data);
    if (this.#last.get(type) === text) return;
    this.#last.set(type, text);
    this.send(type, data);
  }
}
