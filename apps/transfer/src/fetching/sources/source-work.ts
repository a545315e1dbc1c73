import { type nodeCid, pieceCount } from '@allibrary/core';
import { Condition } from '../condition.ts';
import type { Throttle } from '../../limits/fair/throttle.ts';
import type { Session } from '../../peers/peer-sessions.ts';
import type { Claim } from '../../peers/request-slots.ts';
import { ProtocolViolation } from '../../wire/frames.ts';
import { Holdings } from '../../wire/holdings.ts';
import { RefusalCode } from '../../wire/messages.ts';
import { RefusedByPeer } from '../../wire/piece-client.ts';
import type { DocumentPieces } from '../document-pieces.ts';
import type { FetchObserver, FetchedPiece } from '../fetched-pieces.ts';

/** How long before a source is asked again for a piece that it could not give: it may have got it back. */
const LACKING_MS = 30_000;
/** Longer than the source's own rest, so that its other pieces come first. */
const WRONG_MS = 60_000;
/** How often a source with nothing to do looks for work: requests to others may be late by then. */
const LOOK_AGAIN_MS = 500;

/** One peer's part in the download of one document. */
export interface SourceWorkParts {
  readonly cid: ReturnType<typeof nodeCid>;
  readonly pieces: DocumentPieces;
  readonly peerId: string;
  readonly session: Session;
  /** How urgent the document is now, compared with others that are fetched from this peer. */
  readonly claim: Claim;
  readonly throttle: Throttle;
  readonly observer: FetchObserver;
}

/** A peer sent a wrong piece, and sent it again when it was asked a second time. */
export class WrongPiece extends Error {
  override readonly name = 'WrongPiece';
}

/** Another source brought the piece first. */
class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

/** Fetches pieces of one document from one peer, as many at once as its line takes. */
export class SourceWork {
  /** When it last brought a piece, or began. */
  broughtAtMs = performance.now();
  readonly #requests = new Map<number, AbortController>();
  readonly #fetches = new Set<Promise<void>>();
  readonly #wake = new Condition();
  readonly #failed = Promise.withResolvers<never>();
  readonly #stop = new AbortController();
  #hasMisbehaved = false;

  constructor(private readonly parts: SourceWorkParts) {
    this.#failed.promise.catch(() => {}); // it may fail after the race is decided
  }

  /** Works until the signal aborts; rejects when the peer has failed. */
  async run(signal: AbortSignal): Promise<void> {
    const { pieces, peerId, session, cid } = this.parts;
    const working = AbortSignal.any([signal, this.#stop.signal]);
    const following = session.client.follow(cid, this.#listener(), working);
    following.catch(() => {}); // as above
    const onWritten = (index: number) => this.#requests.get(index)?.abort(new Overtaken('another peer was faster'));
    pieces.events.on('written', onWritten);
    try {
      await Promise.race([following, this.#failed.promise, this.#askForPieces(working)]);
    } finally {
      pieces.events.off('written', onWritten);
      this.#stop.abort(new Error('the work with this source has ended'));
      for (const request of this.#requests.values()) request.abort(this.#stop.signal.reason);
      pieces.scheduler.leave(peerId);
      await Promise.allSettled([following, ...this.#fetches]);
    }
  }

  /** Looks at once for something to ask the peer. */
  wake(): void {
    this.#wake.notify();
  }

  #listener() {
    const { pieces, peerId } = this.parts;
    const count = pieceCount(pieces.manifest.sizeBytes);
    return {
      onHeld: (bits: Uint8Array | null) => {
        if (bits && bits.length !== Math.ceil(count / 8)) throw new ProtocolViolation('holdings of another document');
        pieces.scheduler.join(peerId, bits && new Holdings(count, bits));
        this.#wake.notify();
      },
      onHave: (indices: readonly number[]) => {
        pieces.scheduler.gained(peerId, indices);
        this.#wake.notify();
      },
    };
  }

  async #askForPieces(signal: AbortSignal): Promise<void> {
    const { pieces, session, claim, peerId } = this.parts;
    const { scheduler } = pieces;
    while (!pieces.isComplete) {
      const release = await session.slots.take(() => claim, signal);
      const index = scheduler.next(peerId, performance.now());
      if (index === undefined) {
        release();
        await this.#wake.wait(LOOK_AGAIN_MS, signal);
        signal.throwIfAborted();
        continue;
      }
      const fetch = this.#fetch(index)
        .catch((error: unknown) => this.#failed.reject(error))
        .finally(() => {
          this.#fetches.delete(fetch);
          release();
        });
      this.#fetches.add(fetch);
    }
  }

  async #fetch(index: number): Promise<void> {
    const { scheduler } = this.parts.pieces;
    const { peerId } = this.parts;
    const request = new AbortController();
    this.#requests.set(index, request);
    try {
      if ((await this.#ask(index, request.signal)) === 'wrong') await this.#askAgain(index);
    } catch (error) {
      if (error instanceof Overtaken) return;
      if (!isOnlyThisPiece(error)) throw error;
      const pauseMs = error instanceof WrongPiece ? WRONG_MS : LACKING_MS;
      scheduler.lacks(peerId, index, performance.now() + pauseMs);
      if (error instanceof WrongPiece) throw error;
    } finally {
      this.#requests.delete(index);
      scheduler.failed(peerId, index); // nothing to release where it was brought
    }
  }

  async #ask(index: number, signal: AbortSignal): Promise<FetchedPiece> {
    const { pieces, peerId, session, cid, throttle, observer } = this.parts;
    await throttle.admit('received', pieces.sizeOf(index), { peerId, documentId: cid.toString() }, signal);
    pieces.scheduler.sent(peerId, index, performance.now());
    const piece = await pieces.keep(peerId, index, await session.client.piece(cid, index, signal));
    observer.pieceReceived(piece);
    if (piece !== 'wrong') this.broughtAtMs = performance.now();
    return piece;
  }

  /**
   * Asks for a piece that was wrong once more: that informs the peer, which verifies a piece before it sends it a second
   * time. An honest peer with a damaged disk then refuses this piece, and gives the others.
   */
  async #askAgain(index: number): Promise<void> {
    const { peerId, observer } = this.parts;
    if (!this.#hasMisbehaved) observer.peerMisbehaved(peerId, 'wrong-bytes');
    this.#hasMisbehaved = true;
    if ((await this.#ask(index, this.#stop.signal)) === 'wrong') throw new WrongPiece(`piece ${index} was wrong twice`);
  }
}

/** Whether the peer can't give this piece, and may have all the others. */
const isOnlyThisPiece = (error: unknown): boolean =>
  error instanceof WrongPiece || (error instanceof RefusedByPeer && error.code === RefusalCode.Unreadable);
