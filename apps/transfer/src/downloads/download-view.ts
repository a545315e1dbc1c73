import { type BudgetState, Download, type DownloadCounts, type DownloadState } from '@allibrary/contracts';
import { type DownloadRecord, shownState } from './download-record.ts';
import type { DownloadStore } from './download-store.ts';

/** Number of sources that are shown of one download: those that gave most. */
const MOST_SHOWN_SOURCES = 16;

/** There is no download of this id. */
export class UnknownDownload extends Error {
  override readonly name = 'UnknownDownload';
}

/** A page of downloads, and how many there are in each state. */
export interface DownloadPage {
  readonly items: Download[];
  readonly nextCursor: number | null;
  readonly counts: DownloadCounts;
}

/** The downloads as users see them; their figures are a second old at most. */
export class DownloadView {
  constructor(
    private readonly store: DownloadStore,
    private readonly limits: { readonly downloadBudget: BudgetState },
  ) {}

  /** How a download stands, if there is one of this id. */
  find(id: string): Download | undefined {
    const record = this.store.get(id);
    return record && this.#shown(record);
  }

  /** How a download stands; throws {@link UnknownDownload}. */
  get(id: string): Download {
    const download = this.find(id);
    if (!download) throw new UnknownDownload(`There is no download ${id}.`);
    return download;
  }

  /** A page of downloads, newest first. */
  list(state: DownloadState | undefined, cursor: number | undefined, limit: number): DownloadPage {
    const { items, nextCursor } = this.store.list(state, cursor, limit);
    return { items: items.map((record) => this.#shown(record)), nextCursor, counts: this.store.counts() };
  }

  /** A download without what only this service needs of it. */
  #shown(record: DownloadRecord): Download {
    const sources = record.sources.toSorted((a, b) => b.bytes - a.bytes).slice(0, MOST_SHOWN_SOURCES);
    const { state, desired } = record;
    const shown = state.kind === 'queued' && !state.after ? this.#waiting() : shownState(state);
    return Download.parse({ ...record, ...shown, priority: desired.priority, sources });
  }

  #waiting(): Pick<Download, 'state' | 'cause' | 'reason'> {
    return ['soft-stop', 'hard-stop'].includes(this.limits.downloadBudget)
      ? {
          ...{ state: 'queued', cause: 'budget' },
          reason: 'The traffic budget of this month is nearly used up: no new download is started.',
        }
      : { state: 'queued', cause: 'turn', reason: 'It waits for its turn.' };
  }
}
