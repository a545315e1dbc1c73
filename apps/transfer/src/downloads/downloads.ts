import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { type Data, type Download, DownloadEnded, DownloadProgressed, DownloadRequested } from '@allibrary/contracts';
import { InvalidManifest, parseCid } from '@allibrary/core';
import { type Bus, describeError } from '@allibrary/messaging';
import { DownloadRun, type DownloadTools } from './download-run.ts';
import type { DownloadRecord } from './download-store.ts';

const REPORT_EVERY_MS = 1_000;
const PAUSE_MS = 30_000;

/** The document is in the library already. */
export class DocumentIsHere extends Error {
  override readonly name = 'DocumentIsHere';
}

/** There is no download of this id. */
export class UnknownDownload extends Error {
  override readonly name = 'UnknownDownload';
}

interface Running {
  readonly run: DownloadRun;
  readonly ended: Promise<void>;
  reportedAtMs: number;
}

/** All downloads of this node: a bounded number at work, the others in line; those that were at work go on after a restart. */
export class Downloads {
  readonly #running = new Map<string, Running>();
  readonly #pauses = new Map<string, NodeJS.Timeout>();
  #closed = false;

  constructor(
    private readonly tools: DownloadTools,
    private readonly bus: Bus,
    private readonly limits: { readonly activeDownloads: number },
  ) {}

  /** Goes on with what an earlier life of this process has not finished. */
  resume(): void {
    for (const record of this.tools.store.unfinished()) this.tools.store.save({ ...record, state: 'queued' });
    this.#startNext();
  }

  /** Asks for a document; the request is on the stream before this resolves. */
  async request(documentId: string): Promise<Download> {
    parseCid(documentId);
    const here = this.tools.catalog.files(documentId)[0];
    if (here) throw new DocumentIsHere(`The document is in the library already, as ${JSON.stringify(here.path)}.`);
    const known = this.tools.store.unfinishedOf(documentId);
    if (known) return this.get(known.id);
    const wanted = { id: randomUUID(), documentId, requestedAtMs: this.tools.now() };
    await this.bus.publish(DownloadRequested, wanted);
    this.requested(wanted);
    return this.get(wanted.id);
  }

  /** Takes in that a document was asked for; a fact that is known already changes nothing. */
  requested({ id, documentId, requestedAtMs }: Data<typeof DownloadRequested>): void {
    if (this.tools.store.add(id, documentId, requestedAtMs)) this.#startNext();
  }

  /** Takes in that a download has ended, when this read model has not seen it end. */
  async ended({ id, documentId, outcome, reason }: Data<typeof DownloadEnded>): Promise<void> {
    this.tools.store.add(id, documentId, this.tools.now());
    const record = this.tools.store.get(id);
    if (!record) return;
    if (outcome === 'cancelled') this.tools.store.hide(id);
    else this.tools.store.save({ ...record, state: outcome, reason });
    await this.#stop(id, 'it has ended');
  }

  /** Takes in that a document is in the library, by whatever way: nothing more of it is fetched. */
  async arrived(documentId: string): Promise<void> {
    const download = this.tools.store.unfinishedOf(documentId);
    if (!download || this.tools.catalog.files(documentId).length === 0) return;
    this.#endAsHere(this.get(download.id));
    await this.#stop(download.id, 'the document is here');
    await rm(this.tools.folder.partialFile(documentId), { force: true });
    this.#announce(download.id);
  }

  /** How a download stands; throws {@link UnknownDownload}. */
  get(id: string): DownloadRecord {
    const record = this.#running.get(id)?.run.status() ?? this.tools.store.get(id);
    if (!record) throw new UnknownDownload(`There is no download ${id}.`);
    return record;
  }

  /** A page of downloads, newest first. */
  list(cursor: number | undefined, limit: number): { items: Download[]; nextCursor: number | null } {
    const { items, nextCursor } = this.tools.store.list(cursor, limit);
    return { items: items.map(({ id }) => this.get(id)), nextCursor };
  }

  /** Stops a download and deletes what it has fetched, or forgets one that has ended. */
  async cancel(id: string): Promise<void> {
    const { documentId, state } = this.get(id);
    const endedAtMs = this.tools.now();
    await this.bus.publish(DownloadEnded, { id, documentId, outcome: 'cancelled', reason: null, endedAtMs });
    this.tools.store.hide(id);
    await this.#stop(id, 'it was cancelled');
    if (state === 'completed') return;
    await rm(this.tools.folder.partialFile(documentId), { force: true });
    this.tools.catalog.dropNodes(documentId);
  }

  /** Stops all work; it goes on at the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const pause of this.#pauses.values()) clearTimeout(pause);
    await Promise.all([...this.#running.keys()].map((id) => this.#stop(id, 'the service stops')));
  }

  async #stop(id: string, reason: string): Promise<void> {
    clearTimeout(this.#pauses.get(id));
    const running = this.#running.get(id);
    running?.run.stop(reason);
    await running?.ended;
  }

  #startNext(): void {
    if (this.#closed) return;
    const waiting = this.tools.store
      .unfinished()
      .filter(({ id, state }) => state !== 'paused' && !this.#running.has(id));
    for (const record of waiting.slice(0, Math.max(0, this.limits.activeDownloads - this.#running.size)))
      this.#start(record);
  }

  #start(record: DownloadRecord): void {
    if (this.tools.catalog.files(record.documentId).length > 0) return this.#endAsHere(record);
    const run = new DownloadRun(record, this.tools, () => this.#report(record.id));
    const ended = this.#supervise(record, run);
    this.#running.set(record.id, { run, ended, reportedAtMs: Number.NEGATIVE_INFINITY });
  }

  async #supervise(record: DownloadRecord, run: DownloadRun): Promise<void> {
    try {
      await run.run();
    } catch (error) {
      const stopped = { ...record, ...run.status() };
      if (run.isStopped) this.tools.store.save(stopped);
      else if (error instanceof InvalidManifest)
        this.#end(stopped, 'failed', `This document can't be had: ${error.message}.`);
      else this.#pause(stopped, describeError(error));
    } finally {
      this.#running.delete(record.id);
      this.#announce(record.id);
      this.#startNext();
    }
  }

  /** Ends a download whose document came by another way, such as a copy into the folder. */
  #endAsHere(record: DownloadRecord): void {
    const document = this.tools.catalog.document(record.documentId);
    const { name, sizeBytes } = document ?? record;
    this.#end({ ...record, name, sizeBytes, bytesDone: sizeBytes ?? record.bytesDone }, 'completed', null);
  }

  #end(record: DownloadRecord, outcome: 'completed' | 'failed', reason: string | null): void {
    const { store, outbox, logger, now } = this.tools;
    const { id, documentId } = record;
    store.end({ ...record, state: outcome, reason }, () =>
      outbox.add(DownloadEnded, { id, documentId, outcome, reason, endedAtMs: now() }),
    );
    outbox
      .flush()
      .catch((error: unknown) =>
        logger.warn({ error: describeError(error) }, 'the end of a download is published later'),
      );
  }

  /** Something here is in the way, such as a full disk: tries again after a while, with what is on disk. */
  #pause(record: DownloadRecord, problem: string): void {
    const { store, logger } = this.tools;
    const reason = `${problem}. It is tried again every ${PAUSE_MS / 1_000} seconds.`;
    logger.warn({ downloadId: record.id, documentId: record.documentId, reason }, 'a download is paused');
    store.save({ ...record, state: 'paused', reason });
    if (this.#closed) return;
    const goOn = () => {
      store.save({ ...record, state: 'queued', reason: null });
      this.#startNext();
    };
    this.#pauses.set(record.id, setTimeout(goOn, PAUSE_MS).unref());
  }

  /** Stores and tells how a download stands, once a second at most. */
  #report(id: string): void {
    const running = this.#running.get(id);
    const nowMs = performance.now();
    if (!running || nowMs - running.reportedAtMs < REPORT_EVERY_MS) return;
    running.reportedAtMs = nowMs;
    this.tools.store.save(running.run.status());
    this.#announce(id);
  }

  #announce(id: string): void {
    const record = this.#running.get(id)?.run.status() ?? this.tools.store.get(id);
    if (record) this.bus.signal(DownloadProgressed, record);
  }
}
