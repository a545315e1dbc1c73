import { DownloadEnded, DownloadPriority, type DownloadState } from '@allibrary/contracts';
import { parseCid, safeFileName } from '@allibrary/core';
import type { Logger } from '@allibrary/platform';
import type { Catalog } from '../catalog.ts';
import type { DownloadFolder } from '../download-folder.ts';
import { mediaTypeOf } from '../media-type.ts';
import type { Outbox } from '../outbox.ts';
import type { BufferPool } from '../pieces/buffer-pool.ts';
import type { PartialDocuments } from '../pieces/partial-documents.ts';
import type { FetchedPiece } from './fetched-pieces.ts';
import { DocumentFetch } from './document-fetch.ts';
import { local } from './local-failure.ts';
import type { Throttle } from '../throttle.ts';
import type { DownloadRecord, DownloadStore } from './download-store.ts';
import { PartialFile, partialName } from './partial-file.ts';
import type { PeerSessions } from './peer-sessions.ts';

/** What every download needs of the service. */
export interface DownloadTools {
  readonly folder: DownloadFolder;
  readonly catalog: Catalog;
  readonly outbox: Outbox;
  readonly store: DownloadStore;
  readonly sessions: PeerSessions;
  readonly pool: BufferPool;
  readonly partials: PartialDocuments;
  readonly throttle: Throttle;
  readonly logger: Logger;
  readonly now: () => number;
  /** Is told what became of a piece that a peer sent. */
  readonly onPiece: (result: FetchedPiece) => void;
  /** Is told of a peer that sent what no honest peer sends. */
  readonly onOffence: (peerId: string) => void;
}

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
    const { folder, catalog, outbox, store, now } = this.tools;
    const { documentId, id } = this.record;
    const { manifest, description } = this.#fetch;
    if (!manifest || !description) throw new Error('a download can be completed only after its manifest');
    const opened = await this.#fetch.opened();
    if (!opened) throw new Error('a download can be completed only after its file is open');
    const { size: sizeBytes, mtimeMs: modifiedAtMs, ino: inode, dev: device } = opened.stats;
    const name = safeFileName(description.name, documentId);
    const location = await local(folder.place(partialName(documentId), opened, name));
    const status = this.status();
    const ended = { id, documentId, outcome: 'completed', cause: null, reason: null, endedAtMs: now() } as const;
    const mediaType = mediaTypeOf(location.path);
    const file = { ...location, documentId, sizeBytes, modifiedAtMs, inode, device, mediaType, manifest };
    catalog.record(file, () => {
      store.saveProgress(status);
      store.end(ended);
      outbox.add(DownloadEnded, ended);
    });
    await folder.removePartial(documentId);
    this.#logger.info({ ...location, sizeBytes, sources: status.sources.length }, 'a download is complete and shared');
    await outbox.flush();
  }
}
