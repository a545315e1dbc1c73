import { type Download, DownloadsProgressed } from '@allibrary/contracts';
import type { Bus } from '@allibrary/messaging';

const EVERY_MS = 1_000;
const MOST_AT_ONCE = 50;

/** Tells of downloads that have changed: one message a second at most, whatever their number. */
export class ProgressReports {
  readonly #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly bus: Bus,
    private readonly downloadOf: (id: string) => Download | undefined,
  ) {}

  /** Notes that a download has changed; how it stands is looked up when it is told. */
  note(id: string): void {
    this.#changed.add(id);
    this.#timer ??= setTimeout(() => this.#tell(), Math.max(0, this.#toldAtMs + EVERY_MS - performance.now()));
  }

  /** Tells no more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#changed.clear();
  }

  #tell(): void {
    this.#timer = undefined;
    this.#toldAtMs = performance.now();
    const ids = [...this.#changed].slice(0, MOST_AT_ONCE);
    for (const id of ids) this.#changed.delete(id);
    const items = ids.map((id) => this.downloadOf(id)).filter((download) => download !== undefined);
    if (items.length > 0) this.bus.signal(DownloadsProgressed, { items });
    const [next] = this.#changed;
    if (next !== undefined) this.note(next);
  }
}
