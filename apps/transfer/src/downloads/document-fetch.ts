import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import {
  BlockMismatch,
  InvalidManifest,
  type Manifest,
  type nodeCid,
  pieceCount,
  pieceSizeBytes,
} from '@allibrary/core';
import { describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import { PiecePlan } from '../domain/piece-plan.ts';
import type { BufferPool } from '../pieces/buffer-pool.ts';
import { ProtocolViolation } from '../pieces/frames.ts';
import type { Description } from '../pieces/messages.ts';
import type { PieceClient } from '../pieces/piece-client.ts';
import type { Throttle } from '../throttle.ts';
import { type ManifestStore, obtainManifest } from './obtain-manifest.ts';
import { PartialFile, isPieceOf } from './partial-file.ts';
import type { PeerSessions } from './peer-sessions.ts';

const MOST_SOURCES = 16;
const LOOK_EVERY_MS = 2_000;
/** While somebody sends, further sources are looked for this often. */
const LOOK_AGAIN_AFTER_MS = 15_000;

/** The disk or the folder does not let us write: waiting, or the operator, can help. */
export class LocalFailure extends Error {
  override readonly name = 'LocalFailure';
}

/** What is to be fetched, and with what. */
export interface DocumentFetchOptions {
  readonly cid: ReturnType<typeof nodeCid>;
  /** The file that the pieces are written to. */
  readonly partialFile: string;
  /** What is known from an earlier run. */
  readonly description: Description | undefined;
  readonly sourceBytes: ReadonlyMap<string, number>;
  readonly sessions: PeerSessions;
  readonly manifests: ManifestStore;
  readonly pool: BufferPool;
  readonly requestsPerPeer: number;
  readonly throttle: Throttle;
  readonly logger: Logger;
  /** Is told whenever a figure of this fetch has changed. */
  readonly onChange: () => void;
}

/** Where pieces go, once the manifest is known. */
interface Target {
  readonly file: PartialFile;
  readonly plan: PiecePlan;
  readonly manifest: Manifest;
}

/** Fetches one document, from every peer that has it at once, into a file in which each piece is verified. */
export class DocumentFetch {
  readonly sourceBytes: Map<string, number>;
  description: Description | undefined;
  manifest: Manifest | undefined;
  bytesDone = 0;

  readonly #peers = new Set<string>();
  readonly #banned = new Set<string>();
  readonly #work = new Set<Promise<void>>();
  readonly #events = new EventEmitter<{ returned: [] }>().setMaxListeners(0);
  readonly #ended = Promise.withResolvers<void>();
  #target: Target | undefined;
  #preparing: Promise<void> | undefined;

  constructor(private readonly options: DocumentFetchOptions) {
    this.sourceBytes = new Map(options.sourceBytes);
    this.description = options.description;
  }

  /** How many peers are at work. */
  get sources(): number {
    return this.#peers.size;
  }

  /**
   * Resolves when every piece is verified and on the disk itself; rejects with a
   * {@link LocalFailure}, or for good.
   */
  async run(signal: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const running = AbortSignal.any([signal, stop.signal]);
    const looking = this.#lookForSources(running);
    this.#ended.promise.catch(() => {}); // it may fail after the race was decided
    try {
      await Promise.race([this.#ended.promise, looking]);
      signal.throwIfAborted();
      await this.#ended.promise;
    } finally {
      stop.abort();
      await Promise.allSettled([looking, ...this.#work]);
      await this.#target?.file.close();
    }
  }

  async #lookForSources(signal: AbortSignal): Promise<void> {
    let lookedAtMs = Number.NEGATIVE_INFINITY;
    for (; !signal.aborted; await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => {})) {
      if (this.#peers.size > 0 && performance.now() - lookedAtMs < LOOK_AGAIN_AFTER_MS) continue;
      lookedAtMs = performance.now();
      try {
        for await (const peerId of this.options.sessions.findSources(this.options.cid.toString(), signal))
          this.#engage(peerId, signal);
      } catch (error) {
        this.options.logger.debug(
          { error: describeError(error) },
          'sources could not be looked for: it is tried again',
        );
      }
    }
  }

  #engage(peerId: string, signal: AbortSignal): void {
    if (this.#banned.has(peerId) || this.#peers.has(peerId) || this.#peers.size >= MOST_SOURCES) return;
    this.#peers.add(peerId);
    const work = this.#workWith(peerId, signal).finally(() => {
      this.#peers.delete(peerId);
      this.#work.delete(work);
      this.options.onChange();
    });
    this.#work.add(work);
  }

  async #workWith(peerId: string, signal: AbortSignal): Promise<void> {
    try {
      await this.options.sessions.use(peerId, (client) => this.#fetchFrom(client, peerId, signal));
    } catch (error) {
      if (!signal.aborted) this.#onFailure(peerId, error);
    }
  }

  async #fetchFrom(client: PieceClient, peerId: string, signal: AbortSignal): Promise<void> {
    const leave = new AbortController();
    const working = AbortSignal.any([signal, leave.signal]);
    let lanes: Promise<void>[] = [];
    try {
      await this.#prepare(client, peerId);
      lanes = Array.from({ length: this.options.requestsPerPeer }, () => this.#lane(client, peerId, working));
      await Promise.all(lanes);
    } catch (error) {
      if (isOffence(error)) client.close(error);
      throw error;
    } finally {
      leave.abort();
      await Promise.allSettled(lanes);
    }
  }

  /** One of several requests that are open at once: fetches piece after piece from one peer. */
  async #lane(client: PieceClient, peerId: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#target) {
      const { plan } = this.#target;
      const index = plan.take();
      if (index === undefined) {
        if (plan.isComplete) return;
        await once(this.#events, 'returned', { signal });
        continue;
      }
      try {
        await this.#fetchPiece(client, peerId, index, signal);
      } catch (error) {
        plan.putBack(index);
        this.#events.emit('returned');
        throw error;
      }
    }
  }

  async #fetchPiece(client: PieceClient, peerId: string, index: number, signal: AbortSignal): Promise<void> {
    const { throttle, cid } = this.options;
    const sizeBytes = pieceSizeBytes(this.manifest?.sizeBytes ?? 0, index);
    await throttle.admit('received', sizeBytes, { peerId, documentId: cid.toString() }, signal);
    const bytes = await unlessAborted(client.piece(this.options.cid, index), signal);
    try {
      await this.#keepPiece(index, bytes, peerId);
    } finally {
      this.options.pool.give(bytes);
    }
  }

  async #keepPiece(index: number, bytes: Buffer, peerId: string): Promise<void> {
    const target = this.#target;
    if (!target) throw new Error('a piece came before the manifest');
    if (!isPieceOf(target.manifest, index, bytes))
      throw new BlockMismatch(`piece ${index} is not the one that was asked for`);
    await local(target.file.write(index, bytes));
    target.plan.finish(index);
    this.bytesDone += bytes.length;
    this.sourceBytes.set(peerId, (this.sourceBytes.get(peerId) ?? 0) + bytes.length);
    this.options.onChange();
    if (target.plan.isComplete) await this.#finish(target);
  }

  /** Makes ready to write, once; a second peer waits for the first, and takes over when that one fails. */
  async #prepare(client: PieceClient, peerId: string): Promise<void> {
    while (!this.#target) {
      if (this.#preparing) await this.#preparing.catch(() => {});
      else {
        this.#preparing = this.#prepareFrom(client, peerId);
        await this.#preparing.finally(() => {
          this.#preparing = undefined;
        });
      }
    }
  }

  async #prepareFrom(client: PieceClient, peerId: string): Promise<void> {
    const { cid, manifests, partialFile } = this.options;
    this.description ??= await client.describe(cid);
    const { manifest, onlyPiece } = await obtainManifest(cid, client, manifests);
    this.manifest = manifest;
    const file = await local(PartialFile.open(partialFile, manifest));
    try {
      this.#target = await local(this.#takeStock(file, manifest));
    } catch (error) {
      await file.close();
      throw error;
    }
    const { plan } = this.#target;
    this.options.onChange();
    if (onlyPiece && plan.take() === 0) await this.#keepPiece(0, onlyPiece, peerId);
    else if (plan.isComplete) await this.#finish(this.#target);
  }

  /** Finds out which pieces an earlier run has left. */
  async #takeStock(file: PartialFile, manifest: Manifest): Promise<Target> {
    const { pool } = this.options;
    const count = pieceCount(manifest.sizeBytes);
    const plan = new PiecePlan(count);
    this.bytesDone = 0;
    for await (const index of file.verifiedPieces(pool)) {
      plan.finish(index);
      this.bytesDone += pieceSizeBytes(manifest.sizeBytes, index);
    }
    return { file, plan, manifest };
  }

  async #finish({ file }: Target): Promise<void> {
    await local(file.sync());
    this.#ended.resolve();
    this.#events.emit('returned'); // idle lanes see that nothing is left
  }

  #onFailure(peerId: string, error: unknown): void {
    const { logger } = this.options;
    if (error instanceof LocalFailure || error instanceof InvalidManifest) return this.#ended.reject(error);
    if (isOffence(error)) {
      this.#banned.add(peerId);
      return logger.warn(
        { peerId, error: error.message },
        'a peer sent wrong bytes: this document is fetched from others',
      );
    }
    logger.info(
      { peerId, error: describeError(error) },
      'a peer does not send any more: its pieces are asked of others',
    );
  }
}

/** Whether the peer is to blame, and nothing more is asked of it. */
const isOffence = (error: unknown): error is Error =>
  error instanceof BlockMismatch || error instanceof ProtocolViolation;

/** Marks an error as one of our own disk. */
const local = <T>(work: Promise<T>): Promise<T> =>
  work.catch((cause: unknown) => Promise.reject(new LocalFailure(describeError(cause), { cause })));

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const onAbort = () => reject(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  work.then(resolve, reject);
  return promise.finally(() => signal.removeEventListener('abort', onAbort));
}
