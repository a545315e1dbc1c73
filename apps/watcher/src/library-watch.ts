import { setTimeout as delay } from 'node:timers/promises';
import { describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import type { Attention } from './attention.ts';
import type { Clock } from './clock.ts';
import { type FolderListener, type WatchedFolder, watchFolder } from './folder-watcher.ts';
import type { LibraryFolder } from './library-folder.ts';
import { LibraryOutOfReach, type LibraryScan } from './library-scan.ts';
import type { WatcherMetrics } from './watcher-metrics.ts';

/** How soon a scan that failed is tried again, at the latest. */
const LONGEST_RETRY_MS = 5_000;

/** What the watch stands on. */
export interface WatchParts {
  readonly folder: LibraryFolder;
  readonly scan: LibraryScan;
  readonly attention: Attention;
  readonly metrics: WatcherMetrics;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly rescanMs: number;
}

/** Keeps an eye on the library: by the file system's notices, and by scans for what these missed. */
export class LibraryWatch {
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #wanted = Promise.withResolvers<void>();
  readonly #saidErrors = new Set<string>();
  #watched: { readonly identity: string; readonly folder: WatchedFolder } | undefined;
  #problem: string | null = null;

  constructor(private readonly parts: WatchParts) {}

  get #retryMs(): number {
    return Math.min(LONGEST_RETRY_MS, this.parts.rescanMs);
  }

  /** Why the last scan failed, or null. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Starts; a library that is out of reach is waited for. */
  start(): void {
    this.#running = this.#run(this.#stopping.signal);
  }

  /** Asks for a scan now, or right after the one that runs. */
  requestScan(): void {
    this.#wanted.resolve();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.parts.attention.stop();
    await this.#running;
    await this.#watched?.folder.close();
  }

  /** One scan at a time, for as long as the service lives. */
  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#wanted = Promise.withResolvers();
      await this.#scan(signal);
      await this.#untilNextScan(this.#problem === null ? this.parts.rescanMs : this.#retryMs, signal);
    }
  }

  async #untilNextScan(waitMs: number, signal: AbortSignal): Promise<void> {
    const enough = new AbortController();
    const atTime = delay(waitMs, undefined, { signal: AbortSignal.any([signal, enough.signal]) }).catch(() => {});
    await Promise.race([atTime, this.#wanted.promise]);
    enough.abort();
  }

  async #scan(signal: AbortSignal): Promise<void> {
    const { scan, metrics, logger, clock } = this.parts;
    const startedAtMs = clock.steadyMs();
    try {
      await this.#watchPresentFolder();
      const files = await scan.run(signal);
      if (signal.aborted) return;
      const seconds = (clock.steadyMs() - startedAtMs) / 1_000;
      metrics.scanSeconds.observe(seconds);
      metrics.lastScan.set(clock.wallMs() / 1_000);
      logger.info({ files, seconds }, 'the library was looked through');
      this.#problem = null;
    } catch (error) {
      this.#scanFailed(error);
    }
  }

  /** Watches the folder that is there now: a watch stays with the old one when another is mounted in its place. */
  async #watchPresentFolder(): Promise<void> {
    const state = await this.parts.folder.state();
    if (state.kind !== 'present' || state.identity === this.#watched?.identity) return;
    await this.#watched?.folder.close();
    const folder = watchFolder(state.realPath, this.#listener());
    this.#watched = { identity: state.identity, folder };
  }

  #listener(): FolderListener {
    const { attention } = this.parts;
    return {
      onHint: (path) => (path === '' ? this.requestScan() : attention.hint(path)),
      onUnreadableName: () => this.requestScan(), // only a scan sees it, and says that it can't be shared
      onReady: () => this.requestScan(),
      onError: (error) => this.#watchingFailed(error),
    };
  }

  #scanFailed(error: unknown): void {
    const problem = error instanceof LibraryOutOfReach ? error.message : `the scan failed: ${describeError(error)}`;
    if (problem !== this.#problem) {
      this.parts.logger.warn({ retryMs: this.#retryMs }, `${problem}. Nothing is called lost; it is tried again`);
    }
    this.#problem = problem;
  }

  #watchingFailed(error: unknown): void {
    const { logger, metrics, rescanMs } = this.parts;
    metrics.watchingErrors.inc();
    const code = (error as NodeJS.ErrnoException).code ?? describeError(error);
    if (this.#saidErrors.has(code)) return;
    this.#saidErrors.add(code);
    logger.warn({ error: describeError(error), rescanMs }, watchingProblem(code));
  }
}

function watchingProblem(code: string): string {
  const consequence = 'some changes are only found by the next scan';
  if (code === 'ENOSPC')
    return `the system's limit of watched folders is reached, ${consequence}: raise fs.inotify.max_user_watches`;
  if (code === 'EMFILE')
    return `the limit of open files or watches is reached, ${consequence}: raise ulimit -n and fs.inotify.max_user_instances`;
  return `a folder can't be watched, ${consequence}`;
}
