import { randomUUID } from 'node:crypto';
import {
  type Data,
  type Download,
  type DownloadCommand,
  DownloadEnded,
  DownloadRequested,
  DownloadSteered,
} from '@allibrary/contracts';
import { parseCid } from '@allibrary/core';
import type { Bus } from '@allibrary/messaging';
import { effectOf } from '../domain/download-commands.ts';
import { endAsHere } from './download-endings.ts';
import type { DownloadQueue } from './download-queue.ts';
import type { DownloadTools } from './download-run.ts';
import { type DownloadView, UnknownDownload } from './download-view.ts';
import type { ProgressReports } from './progress-reports.ts';

/** The document is in the library already. */
export class DocumentIsHere extends Error {
  override readonly name = 'DocumentIsHere';
}

/** The parts that downloads are made of. */
export interface DownloadsOptions {
  readonly tools: DownloadTools;
  readonly bus: Bus;
  readonly queue: DownloadQueue;
  readonly reports: ProgressReports;
  readonly view: DownloadView;
}

/**
 * All downloads of this node. A wish of the user is a fact on the stream before it is answered, so it outlives this
 * process and its read model; the queue then makes it true.
 */
export class Downloads {
  /** The documents that are being asked for now: who asks again meanwhile gets the same download. */
  readonly #asked = new Map<string, Promise<Download>>();

  constructor(private readonly options: DownloadsOptions) {}

  /** Asks for a document; the request is on the stream before this resolves. */
  request(documentId: string): Promise<Download> {
    const asked = this.#asked.get(documentId) ?? this.#ask(documentId).finally(() => this.#asked.delete(documentId));
    this.#asked.set(documentId, asked);
    return asked;
  }

  async #ask(documentId: string): Promise<Download> {
    const { tools, bus, view } = this.options;
    parseCid(documentId);
    const here = tools.catalog.files(documentId)[0];
    if (here) throw new DocumentIsHere(`The document is in the library already, as ${JSON.stringify(here.path)}.`);
    const known = tools.store.unfinishedOf(documentId);
    if (known) return view.get(known.id);
    const wanted = { id: randomUUID(), documentId, requestedAtMs: tools.now() };
    await bus.publish(DownloadRequested, wanted);
    this.requested(wanted);
    return view.get(wanted.id);
  }

  /** Does something with a download; what the user wants is on the stream before this resolves. */
  async command(id: string, command: DownloadCommand): Promise<void> {
    const { bus, tools } = this.options;
    const record = tools.store.get(id);
    if (!record) throw new UnknownDownload(`There is no download ${id}.`);
    const atMs = Math.max(tools.now(), record.steeredAtMs + 1, record.wish.wantedAtMs + 1);
    const effect = effectOf(command, record, atMs);
    const fact = { id, documentId: record.documentId };
    switch (effect.kind) {
      case 'wish': {
        const steered = { ...fact, ...effect.wish, steeredAtMs: atMs };
        await bus.publish(DownloadSteered, steered);
        return this.steered(steered);
      }
      case 'end': {
        const ended = { ...fact, outcome: effect.outcome, cause: null, reason: null, endedAtMs: atMs };
        await bus.publish(DownloadEnded, ended);
        return this.ended(ended);
      }
    }
  }

  /** Takes in that a document was asked for; a fact that is known already changes nothing. */
  requested({ id, documentId, requestedAtMs }: Data<typeof DownloadRequested>): void {
    if (this.options.tools.store.add(id, documentId, requestedAtMs)) this.#changed(id);
  }

  /** Takes in what the user wants of a download. */
  steered(fact: Data<typeof DownloadSteered>): void {
    const { store } = this.options.tools;
    store.add(fact.id, fact.documentId, fact.wantedAtMs);
    store.steer(fact);
    this.#changed(fact.id);
  }

  /** Takes in that a download has ended, or is forgotten; what it has fetched goes when it did not complete. */
  async ended(fact: Data<typeof DownloadEnded>): Promise<void> {
    const { store } = this.options.tools;
    const { id, documentId } = fact;
    store.add(id, documentId, fact.endedAtMs);
    store.end(fact);
    this.#changed(id);
    await this.options.queue.stopped(id);
    if (fact.outcome === 'cancelled' && store.get(id)?.state === 'cancelled') await this.#discard(documentId);
  }

  /** Takes in that a document is in the library, by whatever way: nothing more of it is fetched. */
  async arrived(documentId: string): Promise<void> {
    const { tools, queue } = this.options;
    const download = tools.store.unfinishedOf(documentId);
    if (!download || tools.catalog.files(documentId).length === 0) return;
    endAsHere(tools, download);
    this.#changed(download.id);
    await queue.stopped(download.id);
    await this.#discard(documentId);
  }

  #changed(id: string): void {
    this.options.reports.note(id);
    this.options.queue.wake();
  }

  /** Deletes what was fetched of a document that nobody wants any more. */
  async #discard(documentId: string): Promise<void> {
    const { folder, catalog, store } = this.options.tools;
    if (store.unfinishedOf(documentId)) return;
    await folder.removePartial(documentId);
    catalog.dropNodes(documentId);
  }
}
