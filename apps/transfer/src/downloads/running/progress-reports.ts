import { DownloadsProgressed } from '@allibrary/contracts';
import type { Bus } from '@allibrary/messaging';
import type { DownloadView } from '../download-view.ts';

const EVERY_MS = 1_000;
const MOST_AT_ONCE = 50;

/** Publishes downloads that have changed: one message a second at most, whatever their number. */
export class ProgressReports {
  readonly #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #publishedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly bus: Bus,
    private readonly view: Pick<DownloadView, 'find'>,
  ) {}

  /** Notes that a download has changed; it is published as it stands a moment later. */
  note(id: string): void {
    this.#changed.add(id);
    this.#timer ??= setTimeout(() => this.#publish(), Math.max(0, this.#publishedAtMs + EVERY_MS - performance.now()));
  }

  /** Publishes nothing more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#changed.clear();
  }

  #publish(): void {
    this.#timer = undefined;
    this.#publishedAtMs = performance.now();
    const ids = [...this.#changed].slice(0, MOST_AT_ONCE);
    for (const id of ids) this.#changed.delete(id);
    const items = ids.map((id) => this.view.find(id)).filter((download) => download !== undefined);
    if (items.length > 0) this.bus.signal(DownloadsProgressed, { items });
    const [next] = this.#changed;
    if (next !== undefined) this.note(next);
  }
}
