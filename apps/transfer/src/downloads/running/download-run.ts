import { DownloadPriority } from '@allibrary/contracts';
import { parseCid } from '@allibrary/core';
import { DocumentFetch } from '../../fetching/document-fetch.ts';
import type { FetchTools } from '../../fetching/fetch-tools.ts';
import { type DownloadCompletion, progressOf } from './download-completion.ts';
import type { DownloadFolder } from '../place/download-folder.ts';
import { DownloadPlace } from '../place/download-place.ts';
import type { DownloadProgress, DownloadRecord } from '../download-record.ts';
import type { DownloadEvent } from '../download-state.ts';

/** One download while it is at work: fetch, verify, place in the library, record. */
export class DownloadRun {
  readonly #stop = new AbortController();
  readonly #place: DownloadPlace;
  readonly #fetch: DocumentFetch;
  #isCompleting = false;

  constructor(
    readonly record: DownloadRecord,
    folder: DownloadFolder,
    private readonly completion: DownloadCompletion,
    tools: FetchTools,
  ) {
    const { id, documentId, name, mediaType, sizeBytes, sources, desired } = record;
    const isDescribed = mediaType !== null && sizeBytes !== null;
    this.#place = new DownloadPlace(documentId, folder, tools.pool, this.#stop.signal);
    this.#fetch = new DocumentFetch(
      {
        cid: parseCid(documentId),
        description: isDescribed ? { name, mediaType, sizeBytes } : undefined,
        bytesBySource: new Map(sources.map(({ peerId, bytes }) => [peerId, bytes])),
        priority: DownloadPriority.options.indexOf(desired.priority),
      },
      this.#place,
      { ...tools, logger: tools.logger.with({ downloadId: id, documentId }) },
    );
  }

  /** What has been found out and fetched by now. */
  get progress(): DownloadProgress {
    return progressOf(this.record, this.#fetch);
  }

  /** Where the work stands. */
  get standing(): DownloadEvent {
    if (this.#isCompleting) return { kind: 'completes' };
    const { obstacle } = this.#fetch;
    if (obstacle?.of === 'sources') return { kind: 'lacks sources', reason: obstacle.reason };
    return { kind: 'fetches', missing: obstacle?.reason ?? null };
  }

  /** Whether the owner chose another folder for downloads since the run began. */
  get isInOldFolder(): boolean {
    return !this.#place.isCurrent;
  }

  /** Runs to the end; rejects when it was stopped, or can't go on. */
  async run(): Promise<void> {
    try {
      await this.#fetch.run(this.#stop.signal);
      this.#isCompleting = true;
      await this.completion.complete(this.record, this.#fetch, this.#place);
    } finally {
      await this.#fetch.close(); // only now: peers that follow the download learn whether the whole document is here
    }
  }

  /** Asks all sources again at once. */
  retry(): void {
    this.#fetch.retry();
  }

  /** Stops where it is; what is on disk stays, so that it can go on. */
  stop(reason: string): void {
    this.#stop.abort(new Error(reason));
  }
}
