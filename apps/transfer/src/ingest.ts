import type { Stats } from 'node:fs';
import { buildManifest } from '@allibrary/core';
import type { Logger } from '@allibrary/platform';
import type { Catalog, FileRecord, KnownFile } from './catalog.ts';
import type { FileHasher } from './hashing/file-hasher.ts';
import { FileChanged } from './hashing/hash-lane.ts';
import type { IngestMetrics } from './ingest-metrics.ts';
import { type LibraryFolder, isMissing } from './library-folder.ts';
import { mediaTypeOf } from './media-type.ts';
import type { Outbox } from './outbox.ts';

/** Turns what the watcher saw into documents; the disk has the last word. */
export class Ingest {
  constructor(
    private readonly folder: LibraryFolder,
    private readonly hasher: FileHasher,
    private readonly catalog: Catalog,
    private readonly outbox: Outbox,
    private readonly metrics: IngestMetrics,
    private readonly logger: Logger,
  ) {}

  /** A file is there: its document is computed, unless this very file is known already. */
  async found(path: string): Promise<void> {
    const stats = await this.folder.stat(path);
    if (!stats?.isFile()) return this.logger.info({ path }, 'a file vanished before it was read: it is not shared');
    if (isKnown(this.catalog.file(path), stats)) {
      this.metrics.files.inc({ result: 'known' });
    } else {
      await this.#add(path, stats);
    }
    await this.outbox.flush(); // also what an earlier delivery stored and could not say any more
  }

  /** A file is gone: so is its document, when no other file holds it. */
  async lost(path: string): Promise<void> {
    const stats = await this.folder.stat(path);
    if (stats?.isFile()) return; // it is back, and will be found again
    this.catalog.forget(path);
    await this.outbox.flush();
  }

  async #add(path: string, stats: Stats): Promise<void> {
    const file = await this.#read(path, stats);
    if (!file) return;
    this.catalog.record(file);
    this.metrics.files.inc({ result: 'hashed' });
    this.metrics.hashedBytes.inc(file.sizeBytes);
    this.logger.info({ path, documentId: file.documentId, sizeBytes: file.sizeBytes }, 'a document is shared');
  }

  async #read(path: string, { size: sizeBytes }: Stats): Promise<KnownFile | undefined> {
    try {
      const { digests, sha256, modifiedAtMs, inode } = await this.hasher.hash(this.folder.absolute(path), sizeBytes);
      const manifest = buildManifest(digests, sizeBytes);
      const documentId = manifest.cid.toString();
      return { path, documentId, sizeBytes, modifiedAtMs, inode, sha256, mediaType: mediaTypeOf(path), manifest };
    } catch (error) {
      if (!(error instanceof FileChanged) && !isMissing(error)) throw error;
      // The watcher sees the change as well, and says so when the file has settled.
      this.metrics.files.inc({ result: 'changed' });
      this.logger.info({ path }, 'a file changed or vanished while it was read: it is shared when it has settled');
      return undefined;
    }
  }
}

const isKnown = (record: FileRecord | undefined, stats: Stats): boolean =>
  record?.sizeBytes === stats.size && record.modifiedAtMs === stats.mtimeMs && record.inode === stats.ino;
