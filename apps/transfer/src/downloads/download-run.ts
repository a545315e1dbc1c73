import { DownloadPriority, type DownloadState } from '@allibrary/contracts';
import { parseCid, safeFileName } from '@allibrary/core';
import type { Logger } from '@allibrary/platform';
import { mediaTypeOf } from '../catalog/media-type.ts';
import { DocumentFetch } from '../fetching/document-fetch.ts';
import { DownloadEnding } from './download-endings.ts';
import type { DownloadRecord } from './download-store.ts';
import type { DownloadTools } from './download-tools.ts';
import { local } from '../fetching/local-failure.ts';
import { PartialFile, partialName } from '../fetching/partial-file.ts';

const NO_SOURCE = 'No connected peer has this document now; sources are looked for again and again.';

/** One download while it is at work: fetch, verify as a whole, place in the library, record. */
export class DownloadRun {
  readonly #stop = new AbortController();
  readonly #fetch: DocumentFetch;
  readonly #logger: Logger;

  constructor(
    private readonly record: DownloadRecord,
    private readonly tools: DownloadTools,
    onChange: () => void,
  ) {
    const { documentId, name, mediaType, sizeBytes, sources, priority } = record;
    this.#logger = tools.logger.with({ downloadId: record.id, documentId });
    this.#fetch = new DocumentFetch({
      cid: parseCid(documentId),
      openFile: (manifest) =>
        tools.folder.usePartials((folder) => PartialFile.open(folder, partialName(documentId), manifest)),
      assertWritable: () => tools.folder.assertWritable(),
      description: mediaType === null || sizeBytes === null ? undefined : { name, mediaType, sizeBytes },
      sourceBytes: new Map(sources.map(({ peerId, bytes }) => [peerId, bytes])),
      sessions: tools.sessions,
      manifests: tools.catalog,
      pool: tools.pool,
      priority: DownloadPriority.options.indexOf(priority),
      partials: tools.partials,
      throttle: tools.throttle,
      logger: this.#logger,
      onChange,
      onPiece: tools.onPiece,
      onOffence: tools.onOffence,
    });
  }

  /** Whether it was told to stop. */
  get isStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  /** How the download stands now. */
  status(): DownloadRecord {
    const { description, manifest, bytesDone, sourceBytes, sources } = this.#fetch;
    const state: DownloadState = manifest ? 'active' : 'queued';
    return {
      ...this.record,
      name: description?.name ?? this.record.name,
      mediaType: description?.mediaType ?? this.record.mediaType,
      sizeBytes: manifest?.sizeBytes ?? this.record.sizeBytes,
      bytesDone: manifest ? bytesDone : this.record.bytesDone,
      state,
      reason: sources === 0 ? NO_SOURCE : null,
      sources: [...sourceBytes].map(([peerId, bytes]) => ({ peerId, bytes })),
    };
  }

  /** Runs to the end; rejects when it was stopped, or can't go on. */
  async run(): Promise<void> {
    try {
      await this.#fetch.run(this.#stop.signal);
      await this.#complete();
    } finally {
      await this.#fetch.close(); // only now: who followed the download hears whether the document is here as a whole
    }
  }

  /** Stops where it is; what is on disk stays, so that it can go on. */
  stop(reason: string): void {
    this.#stop.abort(new Error(reason));
  }

  /** The order is safe: a crash before the record leaves a file that the watcher finds like any other. */
  async #complete(): Promise<void> {
    const { folder, catalog, store } = this.tools;
    const { documentId } = this.record;
    const { manifest, description } = this.#fetch;
    if (!manifest || !description) throw new Error('a download can be completed only after its manifest');
    const opened = await this.#fetch.opened();
    if (!opened) throw new Error('a download can be completed only after its file is open');
    const { size: sizeBytes, mtimeMs: modifiedAtMs, ino: inode, dev: device } = opened.stats;
    const name = safeFileName(description.name, documentId);
    const location = await local(folder.place(partialName(documentId), opened, name));
    const status = this.status();
    const end = new DownloadEnding(this.tools, this.record, { outcome: 'completed', cause: null, reason: null });
    const mediaType = mediaTypeOf(location.path);
    const file = { ...location, documentId, sizeBytes, modifiedAtMs, inode, device, mediaType, manifest };
    catalog.record(file, () => {
      store.saveProgress(status);
      end.store();
    });
    end.keep();
    await folder.removePartial(documentId);
    this.#logger.info({ ...location, sizeBytes, sources: status.sources.length }, 'a download is complete and shared');
  }
}
