import { randomUUID } from 'node:crypto';
import type {
  Data,
  Download,
  DownloadCommand,
  DownloadEnded,
  DownloadRequested,
  DownloadSteered,
} from '@allibrary/contracts';
import { parseCid } from '@allibrary/core';
import { isNoSpace } from '@allibrary/messaging';
import { type CommandEffect, effectOf } from './download-commands.ts';
import {
  type DownloadOrder,
  endOf,
  newOrder,
  nextMoment,
  orderOfEnded,
  orderOfSteered,
} from '../domain/download-order.ts';
import { endAsHere } from './download-endings.ts';
import type { DownloadQueue } from './download-queue.ts';
import type { DownloadTools } from './download-tools.ts';
import { type DownloadView, UnknownDownload } from './download-view.ts';
import type { OrderSync } from './order-sync.ts';
import type { ProgressReports } from './progress-reports.ts';

/** The document is in the library already. */
export class DocumentIsHere extends Error {
  override readonly name = 'DocumentIsHere';
}

/** What became of one of several commands. */
export type Attempt<T> = { readonly value: T } | { readonly error: unknown };

/** The parts that downloads are made of. */
export interface DownloadsOptions {
  readonly tools: DownloadTools;
  readonly sync: OrderSync;
  readonly queue: DownloadQueue;
  readonly view: DownloadView;
  readonly reports: ProgressReports;
}

/**
 * All downloads of this node. What the owner orders is on disk before it is acknowledged, so it outlives this process,
 * its read model and the bus; the queue then carries it out.
 */
export class Downloads {
  constructor(private readonly options: DownloadsOptions) {}

  /** Orders documents, with one fsync for all; they are on disk when this returns. */
  requestAll(documentIds: readonly string[]): Attempt<Download>[] {
    const { view } = this.options;
    const attempts = this.#keep(() => documentIds.map((documentId) => attempt(() => this.#order(documentId))));
    return attempts.map((order) => ('error' in order ? order : { value: view.get(order.value.id) }));
  }

  #order(documentId: string): DownloadOrder {
    const { catalog, orders, now } = this.options.tools;
    parseCid(documentId);
    const here = catalog.files(documentId)[0];
    if (here) throw new DocumentIsHere(`The document is in the library already, as ${JSON.stringify(here.path)}.`);
    const known = orders.unfinishedOf(documentId);
    if (known) return known;
    const order = newOrder({ id: randomUUID(), documentId, requestedAtMs: now() });
    orders.take(order);
    return order;
  }

  /** Does the same with downloads; what the owner wants is on disk, with one fsync for all, before this resolves. */
  async commandAll(ids: readonly string[], command: DownloadCommand): Promise<Attempt<void>[]> {
    const attempts = this.#keep(() => ids.map((id) => attempt(() => this.#command(id, command))));
    return Promise.all(attempts.map((each) => this.#finish(each)));
  }

  #command(id: string, command: DownloadCommand): DownloadOrder {
    const { orders, store, now } = this.options.tools;
    const order = orders.get(id);
    const end = order && endOf(order);
    if (!order || end?.outcome === 'forgotten') throw new UnknownDownload(`There is no download ${id}.`);
    const state = end?.outcome ?? store.get(id)?.state ?? 'queued';
    const atMs = nextMoment(order, now());
    const frontAtMs = Math.max(atMs, orders.latestFrontMs() + 1);
    const effect = effectOf(command, { state, desired: order.desired }, { atMs, frontAtMs });
    const changed = orderAfter(order, effect, atMs);
    orders.take(changed);
    return changed;
  }

  async #finish(commanded: Attempt<DownloadOrder>): Promise<Attempt<void>> {
    if ('error' in commanded) return commanded;
    try {
      await this.#discardCancelled(commanded.value);
      return { value: undefined };
    } catch (error) {
      return { error };
    }
  }

  async #discardCancelled({ id, documentId }: Pick<DownloadOrder, 'id' | 'documentId'>): Promise<void> {
    const { queue, tools } = this.options;
    if (tools.store.get(id)?.state !== 'cancelled') return;
    await queue.stopped(id);
    await this.#discard(documentId);
  }

  /** Takes in that a document was asked for; a fact that is known already changes nothing. */
  requested(fact: Data<typeof DownloadRequested>): void {
    this.#heard(newOrder(fact));
  }

  /** Takes in what the owner wants of a download. */
  steered(fact: Data<typeof DownloadSteered>): void {
    this.#heard(orderOfSteered(fact));
  }

  /** Takes in that a download has ended, or is forgotten; what it has fetched is deleted when it was cancelled. */
  async ended(fact: Data<typeof DownloadEnded>): Promise<void> {
    this.#heard(orderOfEnded(fact));
    await this.#discardCancelled(fact);
  }

  #heard(account: DownloadOrder): void {
    this.options.sync.heard(account);
    this.options.queue.look();
  }

  /** Takes in that a document is in the library, by whatever way: nothing more of it is fetched. */
  async arrived(documentId: string): Promise<void> {
    const { tools, queue, reports } = this.options;
    const download = tools.store.unfinishedOf(documentId);
    if (!download || tools.catalog.files(documentId).length === 0) return;
    endAsHere(tools, download);
    reports.note(download.id);
    queue.look();
    await queue.stopped(download.id);
    await this.#discard(documentId);
  }

  /** Runs the work on the orders as one transaction, and carries out what has changed. */
  #keep<T>(work: () => T): T {
    const { tools, sync, queue } = this.options;
    try {
      const result = tools.orders.transaction(work);
      sync.run();
      queue.look();
      return result;
    } catch (error) {
      tools.onLocalFailure(error);
      throw error;
    }
  }

  /** Deletes what was fetched of a document that nobody wants any more. */
  async #discard(documentId: string): Promise<void> {
    const { folder, catalog, store } = this.options.tools;
    if (store.unfinishedOf(documentId)) return;
    await folder.removePartial(documentId);
    catalog.dropNodes(documentId);
  }
}

function orderAfter(order: DownloadOrder, effect: CommandEffect, atMs: number): DownloadOrder {
  switch (effect.kind) {
    case 'steer':
      return { ...order, desired: effect.desired, steeredAtMs: atMs };
    case 'end':
      return { ...order, end: { outcome: effect.outcome, cause: null, reason: null, endedAtMs: atMs } };
  }
}

/** The error of one command must not undo the others of its transaction. */
function attempt<T>(work: () => T): Attempt<T> {
  try {
    return { value: work() };
  } catch (error) {
    if (isNoSpace(error)) throw error;
    return { error };
  }
}
