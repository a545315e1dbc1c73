import { safeFileName } from '@allibrary/core';
import type { Logger } from '@allibrary/platform';
import type { Catalog } from '../../catalog/catalog.ts';
import { mediaTypeOf } from '../../catalog/media-type.ts';
import type { DocumentFetch } from '../../fetching/document-fetch.ts';
import { local } from '../../fetching/local-failure.ts';
import type { DownloadEndings, Ending } from './download-endings.ts';
import type { DownloadFolder } from '../place/download-folder.ts';
import type { DownloadPlace } from '../place/download-place.ts';
import type { DownloadProgress, DownloadRecord } from '../download-record.ts';
import type { DownloadStore } from '../download-store.ts';

const COMPLETED: Ending = { outcome: 'completed', cause: null, reason: null };

/** Makes documents of downloads whose pieces are all here, and ends downloads whose document came by another way. */
export class DownloadCompletion {
  constructor(
    private readonly folder: DownloadFolder,
    private readonly catalog: Catalog,
    private readonly store: DownloadStore,
    private readonly endings: DownloadEndings,
    private readonly logger: Logger,
  ) {}

  /** Whether the document is in the library. */
  isHere(documentId: string): boolean {
    return this.catalog.files(documentId).length > 0;
  }

  /** The order is safe: a crash before the record leaves a file that the watcher finds like any other. */
  async complete(record: DownloadRecord, fetch: DocumentFetch, place: DownloadPlace): Promise<void> {
    const { documentId } = record;
    const { pieces, description } = fetch;
    if (!pieces || !description) throw new Error('a download can be completed only after its file is open');
    const opened = await pieces.opened();
    const { size: sizeBytes, mtimeMs: modifiedAtMs, ino: inode, dev: device } = opened.stats;
    const location = await local(place.place(opened, safeFileName(description.name, documentId)));
    const mediaType = mediaTypeOf(location.path);
    const ended = this.endings.prepare(record, COMPLETED);
    const progress = progressOf(record, fetch);
    this.catalog.record(
      { ...location, documentId, sizeBytes, modifiedAtMs, inode, device, mediaType, nodes: [] }, // stored as they came
      () => {
        this.store.saveProgress(record.id, progress);
        this.endings.storeEnd(ended);
      },
    );
    this.endings.keep(ended);
    await this.folder.removePartial(documentId);
    const sources = progress.sources.length;
    this.logger.info({ ...location, downloadId: record.id, documentId, sizeBytes, sources }, 'download completed');
  }

  /** Ends a download whose document came by another way, such as a copy into the folder. */
  endAsHere(record: DownloadRecord): void {
    const { name, sizeBytes } = this.catalog.document(record.documentId) ?? record;
    this.store.saveProgress(record.id, { ...record, name, sizeBytes, bytesDone: sizeBytes ?? record.bytesDone });
    this.endings.end(record, COMPLETED);
  }

  /** Deletes what was fetched of a document that nobody wants any more. */
  async discard(documentId: string): Promise<void> {
    if (this.store.unfinishedOf(documentId)) return;
    await this.folder.removePartial(documentId);
    this.catalog.dropNodes(documentId);
  }
}

/** What a fetch has found out and fetched, beside what was known before. */
export function progressOf(record: DownloadRecord, fetch: DocumentFetch): DownloadProgress {
  const { description, pieces, bytesBySource } = fetch;
  return {
    name: description?.name ?? record.name,
    mediaType: description?.mediaType ?? record.mediaType,
    sizeBytes: pieces?.manifest.sizeBytes ?? record.sizeBytes,
    bytesDone: pieces?.bytesDone ?? record.bytesDone,
    sources: [...bytesBySource].map(([peerId, bytes]) => ({ peerId, bytes })),
  };
}
