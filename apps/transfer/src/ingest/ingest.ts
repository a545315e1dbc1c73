import type { Stats } from 'node:fs';
import type { FileReport, Location } from '@allibrary/contracts';
import { buildManifest } from '@allibrary/core';
import { type Collections, type OpenedFile, OutsideLibrary, isMissing } from '@allibrary/library';
import type { LogSums, Logger } from '@allibrary/platform';
import type { Catalog, FileRecord, KnownFile } from '../catalog/catalog.ts';
import type { FileHasher } from './file-hasher.ts';
import type { IngestMetrics } from './ingest-metrics.ts';
import { FileChanged } from './span-hasher.ts';
import { mediaTypeOf } from '../catalog/media-type.ts';
import type { Outbox } from '../catalog/outbox.ts';

/** Collaborators of {@link Ingest}. */
export interface IngestParts {
  readonly collections: Collections;
  readonly hasher: FileHasher;
  readonly catalog: Catalog;
  readonly outbox: Outbox;
  readonly metrics: IngestMetrics;
  readonly logger: Logger;
}

/** Turns what the watcher saw into documents; the disk has the last word. */
export class Ingest {
  readonly #unread: LogSums;
  readonly #added: LogSums;

  constructor(private readonly parts: IngestParts) {
    this.#unread = parts.logger.sums('info', { what: 'files not read' });
    this.#added = parts.logger.sums('info', { what: 'documents added' });
  }

  /** A file is there: its document is computed, unless this very file is known already, by this name or another. */
  async found(location: Location): Promise<void> {
    // The watcher may have heard of a new collection before this service has.
    if (!this.parts.collections.find(location.collection)) await this.parts.collections.refresh();
    const file = await this.#open(location);
    try {
      if (file?.stats.isFile()) await this.#takeIn(location, file);
      else this.#noteUnread(location);
    } finally {
      await file?.handle.close();
    }
    await this.parts.outbox.flush(); // also what an earlier delivery stored and could not publish any more
  }

  /** A collection that this service does not know has no settings here: its files are found again when it has them. */
  #noteUnread(location: Location): void {
    const isKnown = this.parts.collections.find(location.collection) !== undefined;
    if (isKnown) this.#unread.add('vanished', location, 'file vanished before it was read, not shared');
    else this.#unread.add('collection unknown', location, 'file of an unknown collection, not shared');
  }

  /** A file is gone, or its owner leaves it out: so is its document, when no other file holds it. */
  async lost(location: Location, isLeftOut = false): Promise<void> {
    const stats = isLeftOut ? undefined : await this.#stat(location);
    if (stats?.isFile() && this.parts.collections.find(location.collection)) return; // it is back, and will be found again
    this.parts.catalog.forget(location);
    await this.parts.outbox.flush();
  }

  /** What became of a file. */
  async report(location: Location): Promise<FileReport & { documentId: string | null }> {
    const { collection, path } = location;
    const stats = await this.#stat(location);
    const record = this.parts.catalog.file(location);
    const report = { collection, path, documentId: record?.documentId ?? null };
    if (!stats) return { ...report, state: 'missing', reason: 'There is no such file.' };
    if (!record || !isUnchanged(record, stats)) return { ...report, state: 'hashing', reason: 'It waits to be read.' };
    const isPrivate = this.parts.collections.find(collection)?.collection.visibility === 'private';
    const reason = isPrivate ? 'Only the users of this node can find it: its collection is private.' : 'It is shared.';
    return { ...report, state: 'shared', reason };
  }

  /** Undefined when no file can be reached at the location, as when a link is in its place. */
  async #open(location: Location): Promise<OpenedFile | undefined> {
    return this.parts.collections.openFile(location).catch(asUnreachable);
  }

  async #stat(location: Location): Promise<Stats | undefined> {
    return this.parts.collections.stat(location).catch(asUnreachable);
  }

  async #takeIn(location: Location, file: OpenedFile): Promise<void> {
    if (isUnchanged(this.parts.catalog.file(location), file.stats)) this.parts.metrics.files.inc({ result: 'known' });
    else if (!this.#addMoved(location, file.stats)) await this.#add(location, file);
  }

  /** A file that has another name now, or one more, is not read again. */
  #addMoved(location: Location, stats: Stats): boolean {
    const version = versionOf(stats);
    const same = this.parts.catalog.sameFile(version);
    if (!same) return false;
    this.parts.catalog.recordAlso({ ...location, ...version, documentId: same.documentId });
    this.parts.metrics.files.inc({ result: 'moved' });
    return true;
  }

  async #add(location: Location, opened: OpenedFile): Promise<void> {
    const file = await this.#read(location, opened);
    if (!file) return;
    this.parts.catalog.record(file);
    this.parts.metrics.files.inc({ result: 'hashed' });
    this.parts.metrics.hashedBytes.inc(file.sizeBytes);
    const { documentId, sizeBytes, mediaType } = file;
    this.#added.add(mediaType, { ...location, documentId, sizeBytes }, 'document added');
  }

  async #read(location: Location, { handle, stats }: OpenedFile): Promise<KnownFile | undefined> {
    const sizeBytes = stats.size;
    try {
      const { digests, modifiedAtMs, inode, device } = await this.parts.hasher.hash(handle.fd, sizeBytes);
      const manifest = buildManifest(digests, sizeBytes);
      const documentId = manifest.cid.toString();
      const mediaType = mediaTypeOf(location.path);
      return { ...location, documentId, sizeBytes, modifiedAtMs, inode, device, mediaType, manifest };
    } catch (error) {
      if (!(error instanceof FileChanged)) throw error;
      // The watcher sees the change as well, and publishes it once the file is no longer written to.
      this.parts.metrics.files.inc({ result: 'changed' });
      this.#unread.add('changed', location, 'file changed while it was read, shared when it has settled');
      return undefined;
    }
  }
}

/** A link, or nothing at all, is no file of the library; any other error may pass. */
function asUnreachable(error: unknown): undefined {
  const isLink = error instanceof OutsideLibrary || (error as NodeJS.ErrnoException).code === 'ELOOP';
  if (isLink || isMissing(error)) return undefined;
  throw error;
}

/** What distinguishes a version of a file from any other on this machine. */
const versionOf = (stats: Stats) => ({
  sizeBytes: stats.size,
  modifiedAtMs: stats.mtimeMs,
  inode: stats.ino,
  device: stats.dev,
});

/** A device may have another number after it was mounted again, so it is not compared under the same name. */
const isUnchanged = (record: FileRecord | undefined, stats: Stats): boolean =>
  record?.sizeBytes === stats.size && record.modifiedAtMs === stats.mtimeMs && record.inode === stats.ino;
