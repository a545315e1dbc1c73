import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Collection, ProbeCollection, type WatchMode } from '@allibrary/contracts';
import { type Bus, RequestFailure } from '@allibrary/messaging';
import type { FileSystemType } from './file-systems.ts';
import type { FolderWatcher } from './folder-watcher.ts';

/** The program's own folder in a writable collection. */
const OWN_FOLDER = '.allibrary';
/** Transfer may start some time after the watcher. */
const MOST_ATTEMPTS = 30;
/** The first trial change may only create the folder in which the next one is reported. */
const MOST_SILENT = 3;
const PAUSE_MS = 1_000;
const EVENT_LIMIT_MS = 2_000;

type Outcome = 'reported' | 'silent' | 'nobody-writes' | 'not-writable';

/** How changes are noticed, and why. */
export interface ModeChoice {
  readonly mode: WatchMode;
  readonly reason: string;
}

/** Finds out whether changes in a collection are reported, by a change that transfer makes on request. */
export class WatchTrial {
  #expected: { readonly path: string; readonly reported: () => void } | undefined;

  constructor(
    private readonly bus: Pick<Bus, 'request'>,
    private readonly collection: Collection,
  ) {}

  /** Compares a reported path with the one of the trial change. */
  observe(path: string): void {
    if (path === this.#expected?.path) this.#expected.reported();
  }

  /** Tries it where possible; elsewhere the type of the file system decides. */
  async choose(
    watcher: FolderWatcher,
    { name, reportsChanges }: FileSystemType,
    signal: AbortSignal,
  ): Promise<ModeChoice> {
    if (!reportsChanges)
      return { mode: 'polling', reason: `${name} does not report what others change behind this machine` };
    if (!this.collection.writable)
      return { mode: 'events', reason: `${name} reports changes; not tried, for the collection is read-only` };
    switch (await this.#repeat(watcher, signal)) {
      case 'reported':
        return { mode: 'events', reason: `a trial change was reported (${name})` };
      case 'silent':
        return { mode: 'polling', reason: `trial changes were not reported (${name})` };
      case 'nobody-writes':
      case 'not-writable':
        return { mode: 'events', reason: `${name} reports changes; not tried, for nothing could be written` };
    }
  }

  async #repeat(watcher: FolderWatcher, signal: AbortSignal): Promise<Outcome> {
    let silent = 0;
    for (let attempt = 1; attempt <= MOST_ATTEMPTS && silent < MOST_SILENT && !signal.aborted; attempt++) {
      const outcome = await this.#try(watcher);
      if (outcome === 'reported' || outcome === 'not-writable') return outcome;
      if (outcome === 'silent') silent += 1;
      await delay(PAUSE_MS, undefined, { signal }).catch(() => {});
    }
    return silent > 0 ? 'silent' : 'nobody-writes';
  }

  async #try(watcher: FolderWatcher): Promise<Outcome> {
    const probe = `probe-${randomBytes(8).toString('hex')}`;
    const reported = Promise.withResolvers<true>();
    this.#expected = { path: `${OWN_FOLDER}/${probe}`, reported: () => reported.resolve(true) };
    const limit = new AbortController();
    try {
      await watcher.watch(OWN_FOLDER);
      await this.bus.request(ProbeCollection, { id: this.collection.id, name: probe });
      const tooLate = delay(EVENT_LIMIT_MS, false, { signal: limit.signal }).catch(() => false);
      return (await Promise.race([reported.promise, tooLate])) ? 'reported' : 'silent';
    } catch (error) {
      if (!(error instanceof RequestFailure)) throw error;
      return error.code === 'conflict' ? 'not-writable' : 'nobody-writes';
    } finally {
      limit.abort();
      this.#expected = undefined;
      watcher.forget(OWN_FOLDER);
    }
  }
}
