import type { Logger } from '@allibrary/platform';
import type { SkipReason } from './domain/entry-name.ts';
import type { WatcherMetrics } from './watcher-metrics.ts';

/** The paths that are remembered so that each is logged once; a path beyond them may be logged again. */
const MOST_REMEMBERED = 10_000;

const EXPLANATIONS: Record<SkipReason, string> = {
  symlink: 'a link is not shared, and not followed: put the file itself into the library',
  special: 'a FIFO, socket or device is not shared: only files are',
  'invalid-name': 'a name that is not valid UTF-8 is not shared: rename it',
  'name-too-long': 'a name of more than 255 bytes, or a path of more than 4096, is not shared: shorten it',
  unreadable: "what can't be read is not shared: let this service read it; each scan tries it again",
};

/** What lies in the library and is not shared: one log line for each path. */
export class SkippedFiles {
  readonly #reasons = new Map<string, SkipReason>();

  constructor(
    private readonly logger: Logger,
    private readonly metrics: WatcherMetrics,
  ) {}

  /** Says why the path is not shared, unless that has been said. */
  note(path: string, reason: SkipReason): void {
    if (this.#reasons.get(path) === reason) return;
    this.#reasons.set(path, reason);
    const [oldest] = this.#reasons.keys();
    if (this.#reasons.size > MOST_REMEMBERED && oldest !== undefined) this.#reasons.delete(oldest);
    this.metrics.skipped.inc({ reason });
    this.logger.warn({ path, reason }, EXPLANATIONS[reason]);
  }

  /** Forgets a path at which nothing stands in the way any more. */
  clear(path: string): void {
    this.#reasons.delete(path);
  }
}
