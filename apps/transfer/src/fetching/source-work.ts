import { type Manifest, type nodeCid, pieceCount, pieceSizeBytes } from '@allibrary/core';
import { Bell } from '../bell.ts';
import { Holdings } from '../wire/holdings.ts';
import type { PieceScheduler } from './piece-scheduler.ts';
import type { Claim } from '../peers/request-slots.ts';
import { ProtocolViolation } from '../wire/frames.ts';
import { RefusalCode } from '../wire/messages.ts';
import { RefusedByPeer } from '../wire/piece-client.ts';
import type { Throttle } from '../limits/throttle.ts';
import type { Session } from '../peers/peer-sessions.ts';

/** Who has nothing to do looks again after so long, for others may be late by then. */
const LOOK_AGAIN_MS = 500;

/** What is asked of a peer, and with what. */
export interface SourceWorkParts {
  readonly cid: ReturnType<typeof nodeCid>;
  readonly manifest: Manifest;
  readonly peerId: string;
  readonly session: Session;
  readonly scheduler: PieceScheduler;
  readonly throttle: Throttle;
  /** How urgent the document is, compared with others that want something of this peer. */
  readonly claim: () => Claim;
  /** Takes the bytes of a piece, verifies and writes them, and gives their memory back. */
  readonly keep: (index: number, bytes: Buffer) => Promise<void>;
  readonly clock: () => number;
}

/** The part of one peer in the download of one document: asks it for pieces, as many at once as its line takes. */
export class SourceWork {
  /** When it last brought a piece, or began. */
  broughtAtMs: number;
  readonly #asked = new Map<number, AbortController>();
  readonly #fetches = new Set<Promise<void>>();
  readonly #bell = new Bell();
  readonly #failed = Promise.withResolvers<never>();
  readonly #stop = new AbortController();

  constructor(private readonly parts: SourceWorkParts) {
    this.broughtAtMs = parts.clock();
    this.#failed.promise.catch(() => {}); // it may fail after the race is decided
  }

  /** Works until the document is complete; rejects when the peer has failed or the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { scheduler, peerId, session, cid } = this.parts;
    const working = AbortSignal.any([signal, this.#stop.signal]);
    const following = session.client.follow(cid, this.#listener(), working);
    following.catch(() => {}); // as above
    try {
      await Promise.race([following, this.#failed.promise, this.#askOnAndOn(working)]);
    } finally {
      this.#stop.abort(new Error('this source is left'));
      for (const request of this.#asked.values()) request.abort(this.#stop.signal.reason);
      scheduler.leave(peerId);
      await Promise.allSettled([following, ...this.#fetches]);
    }
  }

  /** Takes in that another peer was faster. */
  overtaken(index: number): void {
    this.#asked.get(index)?.abort(new Overtaken('another peer was faster'));
  }

  #listener() {
    const { scheduler, peerId, manifest } = this.parts;
    const pieces = pieceCount(manifest.sizeBytes);
    return {
      onHeld: (bits: Uint8Array | null) => {
        if (bits && bits.length !== Math.ceil(pieces / 8)) throw new ProtocolViolation('holdings of another document');
        scheduler.join(peerId, bits && new Holdings(pieces, bits));
        this.#bell.ring();
      },
      onHave: (indices: readonly number[]) => {
        scheduler.gained(peerId, indices);
        this.#bell.ring();
      },
    };
  }

  async #askOnAndOn(signal: AbortSignal): Promise<void> {
    const { scheduler, session, claim, peerId, clock } = this.parts;
    while (!scheduler.isComplete) {
      const release = await session.slots.take(claim, signal);
      const index = scheduler.next(peerId, clock());
      if (index === undefined) {
        release();
        await this.#bell.wait(LOOK_AGAIN_MS, signal);
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
    const { scheduler, peerId, session, cid, throttle, manifest, keep, clock } = this.parts;
    const request = new AbortController();
    this.#asked.set(index, request);
    try {
      const flow = { peerId, documentId: cid.toString() };
      await throttle.admit('received', pieceSizeBytes(manifest.sizeBytes, index), flow, request.signal);
      scheduler.sent(peerId, index, clock());
      await keep(index, await session.client.piece(cid, index, request.signal));
      this.broughtAtMs = clock();
    } catch (error) {
      if (error instanceof Overtaken) return;
      if (!isOnlyThisPiece(error)) throw error;
      scheduler.lacks(peerId, index);
    } finally {
      this.#asked.delete(index);
      scheduler.failed(peerId, index); // nothing to release where it was brought
    }
  }
}

/** Another source brought the piece first. */
class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

/** Whether the peer lacks a piece, and may have all the others. */
const isOnlyThisPiece = (error: unknown): boolean =>
  error instanceof RefusedByPeer && error.code === RefusalCode.Unreadable;
