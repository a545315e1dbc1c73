import { BlockMismatch, InvalidManifest } from '@allibrary/core';
import { describeError } from '@allibrary/messaging';
import { Condition } from '../condition.ts';
import type { Session } from '../../peers/peer-sessions.ts';
import type { Claim } from '../../peers/request-slots.ts';
import { ProtocolViolation } from '../../wire/frames.ts';
import { RefusalCode } from '../../wire/messages.ts';
import { PeerGone, RefusedByPeer } from '../../wire/piece-client.ts';
import type { DocumentOpening, WantedDocument } from '../document-opening.ts';
import type { FetchTools } from '../fetch-tools.ts';
import { LocalFailure } from '../local-failure.ts';
import { SourceHealth } from './source-health.ts';
import { SourceWork, WrongPiece } from './source-work.ts';

const MOST_SOURCES = 16;
const LOOK_EVERY_MS = 2_000;
/** While there are sources, others are looked for this often: rarely while the present ones bring something. */
const LOOK_AGAIN_AFTER_MS = { fruitful: 15_000, fruitless: 5_000 };
/** How long a source may bring nothing before it is replaced by a new one when all places are taken. */
const FRUITLESS_AFTER_MS = 15_000;
const MOST_COUNTED = 1_000;

/** A source has had its place for long and brought nothing. */
class Fruitless extends Error {
  override readonly name = 'Fruitless';
}

/** A peer at work. */
interface Source {
  readonly sinceMs: number;
  /** Ends the work with this peer alone. */
  readonly leave: AbortController;
  /** Unset until the manifest is known. */
  work: SourceWork | undefined;
}

/** The peers that a document is fetched from: looks for them, and works with up to 16 at once. */
export class DocumentSources implements Claim {
  readonly #health = new SourceHealth();
  readonly #sources = new Map<string, Source>();
  readonly #working = new Set<Promise<void>>();
  /** Peers that could not give the document. */
  readonly #askedInVain = new Set<string>();
  readonly #fatal = Promise.withResolvers<never>();
  readonly #wake = new Condition();
  readonly #documentId: string;
  #latestRefusal: string | null = null;
  #hasLooked = false;
  #isWanted = true;

  constructor(
    private readonly document: WantedDocument,
    private readonly opening: DocumentOpening,
    private readonly tools: FetchTools,
  ) {
    this.#documentId = document.cid.toString();
    this.#fatal.promise.catch(() => {}); // it may fail after the race is decided
  }

  /** Works until the signal aborts; rejects when this node itself fails, or the document can't be had from anybody. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const running = AbortSignal.any([signal, stop.signal]);
    const looking = this.#lookForSources(running);
    this.opening.opened.then(
      (pieces) => pieces.events.on('written', (_index, peerId) => this.#succeeded(peerId)),
      this.#fatal.reject,
    );
    try {
      await Promise.race([this.#fatal.promise, looking]);
    } finally {
      stop.abort();
      await Promise.allSettled([looking, ...this.#working]);
    }
  }

  /** Asks all sources again at once. */
  retry(): void {
    this.#health.reset();
    this.#isWanted = true;
    this.opening.pieces?.scheduler.forgetLacking();
    for (const { work } of this.#sources.values()) work?.wake();
    this.#wake.notify();
  }

  get priority(): number {
    return this.document.priority;
  }

  /** Number of peers at work. */
  get sources(): number {
    return this.#sources.size;
  }

  /** Number of peers that could not give the document; null until peers were looked for once. */
  get askedInVain(): number | null {
    return this.#hasLooked ? this.#askedInVain.size : null;
  }

  /** Why the peer that failed last did so, in its own words if it refused; null when none has failed since the last piece. */
  get latestRefusal(): string | null {
    return this.#latestRefusal;
  }

  async #lookForSources(signal: AbortSignal): Promise<void> {
    let looked = { atMs: Number.NEGATIVE_INFINITY, bytesDone: 0 };
    while (!signal.aborted) {
      const { bytesDone = 0, scheduler } = this.opening.pieces ?? {};
      const isFruitful = bytesDone > looked.bytesDone && scheduler?.isStalled !== true;
      const againAtMs = looked.atMs + LOOK_AGAIN_AFTER_MS[isFruitful ? 'fruitful' : 'fruitless'];
      if (this.#isWanted || this.#sources.size === 0 || performance.now() >= againAtMs) {
        this.#isWanted = false;
        looked = { atMs: performance.now(), bytesDone };
        await this.#look(signal);
      }
      await this.#wake.wait(LOOK_EVERY_MS, signal);
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { sessions, logger } = this.tools;
    try {
      for await (const peerId of sessions.findSources(this.#documentId, signal)) this.#engage(peerId, signal);
      this.#hasLooked = true;
    } catch (error) {
      if (!signal.aborted) logger.debug({ error: describeError(error) }, 'sources not found, retrying');
    }
  }

  #engage(peerId: string, signal: AbortSignal): void {
    const nowMs = performance.now();
    if (this.#sources.has(peerId) || !this.#health.isAvailable(peerId, nowMs) || !this.#hasPlace()) return;
    const source: Source = { sinceMs: nowMs, leave: new AbortController(), work: undefined };
    this.#sources.set(peerId, source);
    const working = this.#workWith(peerId, source, AbortSignal.any([signal, source.leave.signal])).finally(() => {
      this.#sources.delete(peerId);
      this.#working.delete(working);
    });
    this.#working.add(working);
  }

  /** Whether one more source can be at work; those that bring nothing are ended, so that the next one can. */
  #hasPlace(): boolean {
    if (this.#sources.size < MOST_SOURCES) return true;
    for (const { work, sinceMs, leave } of this.#sources.values()) {
      if (performance.now() - (work?.broughtAtMs ?? sinceMs) > FRUITLESS_AFTER_MS)
        leave.abort(new Fruitless('it brings nothing'));
    }
    return false;
  }

  async #workWith(peerId: string, source: Source, signal: AbortSignal): Promise<void> {
    try {
      await this.tools.sessions.use(peerId, (session) => this.#fetchFrom(session, peerId, source, signal));
    } catch (error) {
      if (!signal.aborted || signal.reason instanceof Fruitless) this.#onFailure(peerId, error);
    }
  }

  async #fetchFrom(session: Session, peerId: string, source: Source, signal: AbortSignal): Promise<void> {
    const { throttle, observer } = this.tools;
    const { cid } = this.document;
    try {
      const pieces = await this.opening.learnFrom(session, peerId, signal);
      source.work = new SourceWork({ cid, pieces, peerId, session, claim: this, throttle, observer });
      await source.work.run(signal);
    } catch (error) {
      if (isMisbehaviour(error)) session.client.close(new PeerGone(`it broke the protocol: ${error.message}`));
      throw error;
    }
  }

  #succeeded(peerId: string): void {
    this.#health.succeeded(peerId);
    this.#latestRefusal = null;
    this.#askedInVain.delete(peerId);
  }

  #onFailure(peerId: string, error: unknown): void {
    const { logger, observer } = this.tools;
    if (error instanceof LocalFailure || error instanceof InvalidManifest) return this.#fatal.reject(error);
    if (this.#askedInVain.size < MOST_COUNTED) this.#askedInVain.add(peerId);
    const nowMs = performance.now();
    const isWrong = error instanceof WrongPiece || isMisbehaviour(error);
    if (isMisbehaviour(error))
      observer.peerMisbehaved(peerId, error instanceof BlockMismatch ? 'wrong-bytes' : 'violation');
    if (isWrong) this.#health.sentWrongBytes(peerId, nowMs);
    else if (error instanceof RefusedByPeer && error.code === RefusalCode.Busy)
      this.#health.busy(peerId, nowMs, error.retryAfterMs);
    else this.#health.failed(peerId, nowMs);
    const details = { peerId, reason: describeError(error) };
    this.#latestRefusal = details.reason;
    if (isWrong) logger.warn(details, 'source sent wrong bytes, reassigning pieces');
    else logger.info(details, 'source lost, reassigning pieces');
  }
}

/** Whether the peer sent what no honest peer sends. */
const isMisbehaviour = (error: unknown): error is Error =>
  error instanceof BlockMismatch || error instanceof ProtocolViolation;
