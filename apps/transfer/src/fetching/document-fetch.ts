import { setTimeout as delay } from 'node:timers/promises';
import {
  BlockMismatch,
  InvalidManifest,
  type Manifest,
  type nodeCid,
  pieceCount,
  pieceSizeBytes,
} from '@allibrary/core';
import type { OpenedFile } from '@allibrary/library';
import { describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import { Bell } from '../bell.ts';
import { Holdings } from '../wire/holdings.ts';
import { PieceScheduler } from './piece-scheduler.ts';
import { SourceRoll } from './source-roll.ts';
import type { BufferPool } from '../wire/buffer-pool.ts';
import { ProtocolViolation } from '../wire/frames.ts';
import { type Description, RefusalCode } from '../wire/messages.ts';
import type { PartialDocuments, PartialOffer } from '../serving/partial-documents.ts';
import { RefusedByPeer } from '../wire/piece-client.ts';
import type { Throttle } from '../limits/throttle.ts';
import type { FetchedPiece } from './fetched-pieces.ts';
import { LocalFailure, local } from './local-failure.ts';
import { type ManifestStore, type ObtainedManifest, manifestFromStore, obtainManifest } from './obtain-manifest.ts';
import { type PartialFile, isPieceOf } from './partial-file.ts';
import type { PeerSessions, Session } from '../peers/peer-sessions.ts';
import { SourceWork } from './source-work.ts';

const MOST_SOURCES = 16;
const LOOK_EVERY_MS = 2_000;
/** While there are sources, further ones are looked for this often: rarely while they bring something. */
const LOOK_AGAIN_AFTER_MS = { fruitful: 15_000, fruitless: 5_000 };
/** A source that brought nothing for so long gives its place to a new one when all places are taken. */
const FRUITLESS_AFTER_MS = 15_000;
/** A peer that has not told what the document is made of after so long is not waited for: the next is asked as well. */
const NEXT_TELLER_AFTER_MS = 1_000;

/** A source has had its place for long and brought nothing. */
class Fruitless extends Error {
  override readonly name = 'Fruitless';
}

/** What is to be fetched, and with what. */
export interface DocumentFetchOptions {
  readonly cid: ReturnType<typeof nodeCid>;
  /** Opens the file that the pieces are written to. */
  readonly openFile: (manifest: Manifest) => Promise<PartialFile>;
  /** Throws when that file may not be written to now. */
  readonly assertWritable: () => void;
  /** What is known from an earlier run. */
  readonly description: Description | undefined;
  readonly sourceBytes: ReadonlyMap<string, number>;
  /** How urgent it is; the higher, the more. */
  readonly priority: number;
  readonly sessions: PeerSessions;
  readonly manifests: ManifestStore;
  readonly partials: PartialDocuments;
  readonly pool: BufferPool;
  readonly throttle: Throttle;
  readonly logger: Logger;
  /** Is told whenever a figure of this fetch has changed. */
  readonly onChange: () => void;
  /** Is told what became of a piece that a peer sent. */
  readonly onPiece: (result: FetchedPiece) => void;
  /** Is told of a peer that sent what no honest peer sends. */
  readonly onOffence: (peerId: string) => void;
}

/** Where pieces go, once the manifest is known. */
interface Target {
  readonly file: PartialFile;
  readonly manifest: Manifest;
  readonly scheduler: PieceScheduler;
  readonly held: Holdings;
  /** To other peers, while it is fetched. */
  readonly offer: PartialOffer;
}

/** A peer at work. */
interface Source {
  readonly sinceMs: number;
  /** Ends the work with this peer alone. */
  readonly leave: AbortController;
  /** Unset until the manifest is known. */
  work: SourceWork | undefined;
}

const clock = (): number => performance.now();

/** Fetches one document, from every peer that has some of it at once, into a file in which each piece is verified. */
export class DocumentFetch {
  readonly sourceBytes: Map<string, number>;
  description: Description | undefined;
  bytesDone = 0;

  readonly #roll = new SourceRoll();
  readonly #sources = new Map<string, Source>();
  readonly #working = new Set<Promise<void>>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #prepared = new AbortController();
  readonly #tellers = new Bell();
  #toldAtMs = Number.NEGATIVE_INFINITY;
  #opening: Promise<Target> | undefined;
  #target: Target | undefined;

  constructor(private readonly options: DocumentFetchOptions) {
    this.sourceBytes = new Map(options.sourceBytes);
    this.description = options.description;
    this.#ended.promise.catch(() => {}); // it may fail after the race was decided
  }

  /** What the document is made of; undefined until somebody has told. */
  get manifest(): Manifest | undefined {
    return this.#target?.manifest;
  }

  /** How many peers are at work. */
  get sources(): number {
    return this.#sources.size;
  }

  /**
   * Resolves when every piece is verified and on the disk itself; rejects with a
   * {@link LocalFailure}, or for good.
   */
  async run(signal: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const running = AbortSignal.any([signal, stop.signal]);
    const looking = this.#goOn().then(() => this.#lookForSources(running));
    try {
      await Promise.race([this.#ended.promise, looking]);
      signal.throwIfAborted();
      await this.#ended.promise;
    } finally {
      stop.abort();
      await Promise.allSettled([looking, ...this.#working]);
    }
  }

  /** The opened file of the document; undefined until the manifest is known. */
  opened = async (): Promise<OpenedFile | undefined> => this.#target?.file.opened();

  /** Offers the document to nobody any more, and closes its file. */
  async close(): Promise<void> {
    this.#target?.offer.end();
    await this.#target?.file.close();
  }

  /** Takes up what an earlier run has left, so that it is offered to others even while it has no source itself. */
  async #goOn(): Promise<void> {
    const { cid, manifests, description } = this.options;
    const manifest = description && (await manifestFromStore(cid, manifests));
    if (manifest) await this.#open(manifest, description).catch((error: unknown) => this.#ended.reject(error));
  }

  async #lookForSources(signal: AbortSignal): Promise<void> {
    let looked = { atMs: Number.NEGATIVE_INFINITY, bytesDone: 0 };
    for (; !signal.aborted; await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => {})) {
      const isFruitful = this.bytesDone > looked.bytesDone;
      const againAtMs = looked.atMs + LOOK_AGAIN_AFTER_MS[isFruitful ? 'fruitful' : 'fruitless'];
      if (this.#sources.size > 0 && clock() < againAtMs) continue;
      looked = { atMs: clock(), bytesDone: this.bytesDone };
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
    if (this.#sources.has(peerId) || !this.#roll.isWelcome(peerId, clock()) || !this.#hasPlace()) return;
    const source: Source = { sinceMs: clock(), leave: new AbortController(), work: undefined };
    this.#sources.set(peerId, source);
    const working = this.#workWith(peerId, source, AbortSignal.any([signal, source.leave.signal])).finally(() => {
      this.#sources.delete(peerId);
      this.#working.delete(working);
      this.options.onChange();
    });
    this.#working.add(working);
  }

  /** Whether one more source can be at work; those that bring nothing are told to leave, so that the next can. */
  #hasPlace(): boolean {
    if (this.#sources.size < MOST_SOURCES) return true;
    for (const { work, sinceMs, leave } of this.#sources.values()) {
      if (clock() - (work?.broughtAtMs ?? sinceMs) > FRUITLESS_AFTER_MS)
        leave.abort(new Fruitless('it brings nothing'));
    }
    return false;
  }

  async #workWith(peerId: string, source: Source, signal: AbortSignal): Promise<void> {
    try {
      await this.options.sessions.use(peerId, (session) => this.#fetchFrom(session, peerId, source, signal));
    } catch (error) {
      if (!signal.aborted || signal.reason instanceof Fruitless) this.#onFailure(peerId, error);
    }
  }

  async #fetchFrom(session: Session, peerId: string, source: Source, signal: AbortSignal): Promise<void> {
    const { cid, throttle, priority } = this.options;
    try {
      const { manifest, scheduler } = await this.#prepare(session, peerId, signal);
      source.work = new SourceWork({
        ...{ cid, manifest, peerId, session, scheduler, throttle, clock },
        claim: () => ({ priority, sources: this.#sources.size }),
        keep: (index, bytes) => this.#keep(index, bytes, peerId),
      });
      await source.work.run(signal);
    } catch (error) {
      if (isOffence(error)) session.client.close(error);
      throw error;
    }
  }

  /** Verifies and writes a piece; one that another peer brought meanwhile changes nothing. */
  async #keep(index: number, bytes: Buffer, peerId: string): Promise<void> {
    const target = this.#target;
    if (!target) throw new Error('a piece came before the manifest');
    const { held, scheduler, file, manifest, offer } = target;
    try {
      if (!isPieceOf(manifest, index, bytes)) {
        this.options.onPiece('wrong');
        throw new BlockMismatch(`piece ${index} is not the one that was asked for`);
      }
      if (held.has(index)) return this.options.onPiece('spare');
      this.options.assertWritable();
      await local(file.write(index, bytes));
    } finally {
      this.options.pool.give(bytes);
    }
    if (held.has(index)) return this.options.onPiece('spare');
    this.options.onPiece('right');
    for (const slower of scheduler.finish(peerId, index, clock())) this.#sources.get(slower)?.work?.overtaken(index);
    offer.gained(index);
    this.#roll.brought(peerId);
    this.#count(pieceSizeBytes(manifest.sizeBytes, index), peerId);
    if (scheduler.isComplete) await this.#finish(target);
  }

  #count(bytes: number, peerId: string): void {
    this.bytesDone += bytes;
    this.sourceBytes.set(peerId, (this.sourceBytes.get(peerId) ?? 0) + bytes);
    this.options.onChange();
  }

  /** Learns from one of the peers what the document is made of, and makes ready to write. */
  async #prepare({ client }: Session, peerId: string, signal: AbortSignal): Promise<Target> {
    while (!this.#target) {
      const waitMs = this.#toldAtMs + NEXT_TELLER_AFTER_MS - clock();
      if (waitMs > 0) {
        await this.#tellers.wait(waitMs, signal);
        signal.throwIfAborted();
        continue;
      }
      this.#toldAtMs = clock();
      await this.#learnFrom(client, peerId, AbortSignal.any([signal, this.#prepared.signal]));
    }
    return this.#target;
  }

  async #learnFrom(client: Session['client'], peerId: string, signal: AbortSignal): Promise<void> {
    const { cid, manifests } = this.options;
    let obtained: ObtainedManifest;
    try {
      this.description ??= await client.describe(cid, signal);
      obtained = await obtainManifest(cid, client, manifests, signal);
    } catch (error) {
      if (this.#prepared.signal.aborted) return; // another peer was faster
      this.#toldAtMs = Number.NEGATIVE_INFINITY;
      this.#tellers.ring();
      throw error;
    }
    const { held } = await this.#open(obtained.manifest, this.description);
    if (obtained.onlyPiece && !held.has(0)) await this.#keep(0, obtained.onlyPiece, peerId);
  }

  /** Opens the target, once, whoever told of it first. */
  async #open(manifest: Manifest, description: Description): Promise<Target> {
    this.#opening ??= local(this.#takeStock(manifest, description));
    this.#target = await this.#opening;
    this.#prepared.abort();
    this.#tellers.ring();
    this.options.onChange();
    return this.#target;
  }

  /** Finds out which pieces an earlier run has left. */
  async #takeStock(manifest: Manifest, { name, mediaType }: Description): Promise<Target> {
    const { pool, partials, cid, openFile } = this.options;
    const file = await openFile(manifest);
    try {
      const held = new Holdings(pieceCount(manifest.sizeBytes));
      let bytesDone = 0;
      for await (const index of file.verifiedPieces(pool)) {
        held.add(index);
        bytesDone += pieceSizeBytes(manifest.sizeBytes, index);
      }
      this.bytesDone = bytesDone;
      const scheduler = new PieceScheduler(held, Math.random());
      const offer = partials.offer(cid.toString(), {
        description: { name, mediaType, sizeBytes: manifest.sizeBytes },
        held,
        read: (index) => file.read(index, pool),
      });
      const target = { file, manifest, scheduler, held, offer };
      if (scheduler.isComplete) await this.#finish(target);
      return target;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async #finish({ file }: Target): Promise<void> {
    await local(file.sync());
    this.#ended.resolve();
  }

  #onFailure(peerId: string, error: unknown): void {
    const { logger, onOffence } = this.options;
    if (error instanceof LocalFailure || error instanceof InvalidManifest) return this.#ended.reject(error);
    if (isOffence(error)) {
      this.#roll.lied(peerId);
      onOffence(peerId);
      return logger.warn(
        { peerId, error: error.message },
        'a peer sent wrong bytes: this document is fetched from others',
      );
    }
    if (error instanceof RefusedByPeer && error.code === RefusalCode.Busy) {
      this.#roll.busy(peerId, clock(), error.retryAfterMs);
    } else this.#roll.failed(peerId, clock());
    logger.info(
      { peerId, error: describeError(error) },
      'a peer does not send any more: its pieces are asked of others',
    );
  }
}

/** Whether the peer is to blame, and nothing more is asked of it. */
const isOffence = (error: unknown): error is Error =>
  error instanceof BlockMismatch || error instanceof ProtocolViolation;
