import { randomUUID } from 'node:crypto';
import type { DownloadCommand } from '@allibrary/contracts';
import { parseCid } from '@allibrary/core';
import { isNoSpace } from '@allibrary/messaging';
import type { Catalog } from '../catalog/catalog.ts';
import { type CommandEffect, effectOf } from './orders/download-commands.ts';
import type { DownloadDeaths } from './running/download-deaths.ts';
import type { DownloadCompletion } from './running/download-completion.ts';
import { type DownloadOrder, endOf, newOrder, nextMoment } from './orders/download-order.ts';
import type { DownloadOrders } from './orders/download-orders.ts';
import type { DownloadQueue } from './running/download-queue.ts';
import { shownState } from './download-record.ts';
import type { DownloadStore } from './download-store.ts';
import { UnknownDownload } from './download-view.ts';
import type { OrderSync } from './orders/order-sync.ts';

/** The document is in the library already. */
export class DocumentIsHere extends Error {
  override readonly name = 'DocumentIsHere';
}

/** The result of one of several commands. */
export type Attempt<T> = { readonly value: T } | { readonly error: unknown };

/** The parts that downloads consist of. */
export interface DownloadsParts {
  readonly orders: DownloadOrders;
  readonly store: DownloadStore;
  readonly catalog: Catalog;
  readonly sync: OrderSync;
  readonly queue: DownloadQueue;
  readonly completion: DownloadCompletion;
  readonly deaths: Pick<DownloadDeaths, 'forgive'>;
}

/**
 * All downloads of this node. What the owner orders is on disk before it is acknowledged, so it outlives this process,
 * its read model and the bus; the queue then carries it out.
 */
export class Downloads {
  constructor(
    private readonly parts: DownloadsParts,
    private readonly now: () => number,
  ) {}

  /** Orders documents, with one fsync for all, and returns the ids of the downloads; they are on disk by then. */
  requestAll(documentIds: readonly string[]): Attempt<string>[] {
    return this.#transact(() => documentIds.map((documentId) => attempt(() => this.#order(documentId))));
  }

  #order(documentId: string): string {
    const { catalog, orders } = this.parts;
    parseCid(documentId);
    const here = catalog.files(documentId)[0];
    if (here) throw new DocumentIsHere(`The document is in the library already, as ${JSON.stringify(here.path)}.`);
    const known = orders.unfinishedOf(documentId);
    if (known) return known.id;
    const order = newOrder({ id: randomUUID(), documentId, requestedAtMs: this.now() });
    orders.save(order);
    return order.id;
  }

  /** Applies one command to downloads; what the owner wants is on disk, with one fsync for all, before this resolves. */
  async commandAll(ids: readonly string[], command: DownloadCommand): Promise<Attempt<void>[]> {
    const attempts = this.#transact(() => ids.map((id) => attempt(() => this.#command(id, command))));
    return Promise.all(attempts.map((each) => this.#finish(each)));
  }

  #command(id: string, command: DownloadCommand): DownloadOrder {
    const { orders, store } = this.parts;
    const order = orders.get(id);
    const end = order && endOf(order);
    if (!order || end?.outcome === 'forgotten') throw new UnknownDownload(`There is no download ${id}.`);
    const record = store.get(id);
    const state = end?.outcome ?? (record ? shownState(record.state).state : 'queued');
    const atMs = nextMoment(order, this.now());
    const frontAtMs = Math.max(atMs, orders.latestFrontMs() + 1);
    const effect = effectOf(command, { state, desired: order.desired }, { atMs, frontAtMs });
    const changed = orderAfter(order, effect, atMs);
    orders.save(changed);
    if (command.do === 'resume' || command.do === 'retry') this.parts.deaths.forgive(id);
    return changed;
  }

  async #finish(commanded: Attempt<DownloadOrder>): Promise<Attempt<void>> {
    if ('error' in commanded) return commanded;
    const { id, documentId } = commanded.value;
    try {
      await this.discardCancelled(id, documentId);
      return { value: undefined };
    } catch (error) {
      return { error };
    }
  }

  /** Deletes what was fetched by a download, if it was cancelled. */
  async discardCancelled(id: string, documentId: string): Promise<void> {
    const { store, queue, completion } = this.parts;
    if (store.get(id)?.state.kind !== 'cancelled') return;
    await queue.stopped(id);
    await completion.discard(documentId);
  }

  /** Ends a download whose document is in the library, by whatever way it came: nothing more of it is fetched. */
  async arrived(documentId: string): Promise<void> {
    const { store, queue, completion } = this.parts;
    const download = store.unfinishedOf(documentId);
    if (!download || !completion.isHere(documentId)) return;
    completion.endAsHere(download);
    queue.look();
    await queue.stopped(download.id);
    await completion.discard(documentId);
  }

  /** Applies an account of an order from the stream; one that is known already changes nothing. */
  receive(account: DownloadOrder): void {
    this.parts.sync.receive(account);
    this.parts.queue.look();
  }

  /** Changes orders as one transaction, and carries out what has changed. */
  #transact<T>(work: () => T): T {
    const result = this.parts.sync.transact(work);
    this.parts.queue.look();
    return result;
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
