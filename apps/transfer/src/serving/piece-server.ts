import type { Duplex } from 'node:stream';
import type { BufferPool } from '../wire/buffer-pool.ts';
import {
  BUSY_AFTER_MS,
  type Frame,
  FrameDecoder,
  FrameType,
  MAX_FOLLOWED,
  MAX_OPEN_REQUESTS,
  ProtocolViolation,
  REQUEST_LIMITS,
  frameHeader,
} from '../wire/frames.ts';
import { HoldingsNews } from './holdings-news.ts';
import { type PieceRequest, RefusalCode, decodeRequest, encodeDescription, encodeRefusal } from '../wire/messages.ts';
import type { OfferedDocuments } from './offered-documents.ts';
import { Refusal, refusalOf } from './refusal.ts';
import { IdleWatch, type StreamEnd, reset } from './stream-limits.ts';

/** Pieces that are read or written for one peer at once: enough to read the next while one is sent. */
const LANES = 2;
/** How long a peer that was refused as busy should wait. */
const BUSY_PAUSE_MS = 15_000;
/** Number of sent pieces that are remembered: a peer that doubts one asks for it again at once. */
const MOST_REMEMBERED = 128;

/** What the server needs from the rest of the service. */
export interface PieceServerOptions {
  readonly offered: OfferedDocuments;
  readonly pool: BufferPool;
  /** The peer that is served. */
  readonly peerId: string;
  readonly onSent: (bytes: number) => void;
  /** Called when this node ends the stream: the peer violated the protocol, or was idle. */
  readonly onEnded: (reason: StreamEnd) => void;
}

/** Serves one peer over one stream; resolves when the stream is gone. */
export async function servePieces(stream: Duplex, options: PieceServerOptions): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = (reason: StreamEnd): void => {
    options.onEnded(reason);
    reset(stream);
  };
  const idle = new IdleWatch(() => end('idle'));
  const peer = new ServedPeer(stream, idle, options);
  stream.on('data', (chunk: Buffer) => {
    try {
      peer.receive(chunk);
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error;
      end('violation');
    }
  });
  stream.on('end', () => stream.end());
  stream.on('error', () => stream.destroy());
  stream.on('close', resolve);
  await promise;
  idle.close();
  peer.stop();
}

/** A request that is not answered yet. */
interface WaitingRequest {
  readonly frame: Frame;
  readonly cancelled: AbortController;
}

class ServedPeer {
  readonly #decoder = new FrameDecoder(REQUEST_LIMITS);
  /** Until they are answered: those of the first lanes are at work. */
  readonly #requests = new Map<number, WaitingRequest>();
  readonly #queue: WaitingRequest[] = [];
  readonly #news: HoldingsNews;
  /** Pieces that were sent last, the oldest first. */
  readonly #sent = new Set<string>();
  #lanes = 0;

  constructor(
    private readonly stream: Duplex,
    private readonly idle: IdleWatch,
    private readonly options: PieceServerOptions,
  ) {
    this.#news = new HoldingsNews(
      options.offered,
      (type, requestId, payload) => this.#send(type, requestId, payload),
      (requestId, refusal) => void this.#refuse(requestId, refusal),
    );
  }

  receive(chunk: Buffer): void {
    for (const frame of this.#decoder.push(chunk)) {
      this.idle.moved();
      this.#accept(frame);
    }
  }

  stop(): void {
    this.#news.stopAll();
    for (const { cancelled } of this.#requests.values()) cancelled.abort(new Error('the peer is gone'));
    this.#queue.length = 0;
  }

  #accept(frame: Frame): void {
    if (frame.type === FrameType.Cancel) return this.#cancel(frame.requestId);
    // Requests for holdings have a limit of their own, and wait in the same queue.
    if (this.#queue.length >= MAX_OPEN_REQUESTS + MAX_FOLLOWED) {
      throw new ProtocolViolation(`more than ${MAX_OPEN_REQUESTS} open requests and ${MAX_FOLLOWED} for holdings`);
    }
    const request = { frame, cancelled: new AbortController() };
    this.#requests.set(frame.requestId, request);
    this.#queue.push(request);
    if (this.#lanes < LANES) this.#work().catch(() => this.stream.destroy());
  }

  /** What is not yet on its way is not sent; the request is answered all the same, so that its id is free. */
  #cancel(requestId: number): void {
    const refusal = new Refusal(RefusalCode.Cancelled, 'cancelled');
    if (this.#news.stop(requestId)) return void this.#refuse(requestId, refusal);
    this.#requests.get(requestId)?.cancelled.abort(refusal);
  }

  /** One lane: answers what waits, one after the other, each handed to the stream before the next is read. */
  async #work(): Promise<void> {
    this.#lanes += 1;
    for (let next = this.#queue.shift(); next && !this.stream.destroyed; next = this.#queue.shift()) {
      await this.#answer(next);
    }
    this.#lanes -= 1;
  }

  async #answer({ frame, cancelled }: WaitingRequest): Promise<void> {
    const { requestId } = frame;
    const busy = () =>
      cancelled.abort(new Refusal(RefusalCode.Busy, 'many want something now', { retryAfterMs: BUSY_PAUSE_MS }));
    const timer = setTimeout(busy, BUSY_AFTER_MS);
    try {
      cancelled.signal.throwIfAborted();
      await this.#reply(decodeRequest(frame), requestId, cancelled.signal);
    } catch (error) {
      await this.#refuse(requestId, refusalOf(error));
    } finally {
      clearTimeout(timer);
      this.#requests.delete(requestId);
    }
  }

  async #reply(request: PieceRequest, requestId: number, signal: AbortSignal): Promise<void> {
    const { offered, peerId, pool } = this.options;
    const documentId = request.documentId.toString();
    switch (request.kind) {
      case 'describe':
        return this.#send(FrameType.Description, requestId, encodeDescription(offered.describe(documentId)));
      case 'node': {
        const block = await offered.block(documentId, request.cid, peerId, signal);
        return this.#send(FrameType.Block, requestId, block);
      }
      case 'holdings':
        return this.#news.follow(requestId, documentId);
      case 'piece': {
        const isDoubted = this.#sent.has(`${documentId}/${request.index}`);
        const piece = await offered.piece(documentId, request.index, peerId, signal, isDoubted);
        this.#remember(`${documentId}/${request.index}`);
        await this.#send(FrameType.PieceBytes, requestId, piece);
        return pool.give(piece);
      }
    }
  }

  /** A peer that asks for a piece a second time may have got a wrong one: it is verified before it is sent again. */
  #remember(piece: string): void {
    this.#sent.delete(piece);
    this.#sent.add(piece);
    const [oldest] = this.#sent;
    if (this.#sent.size > MOST_REMEMBERED && oldest !== undefined) this.#sent.delete(oldest);
  }

  #refuse(requestId: number, { code, message, retryAfterMs }: Refusal): Promise<void> {
    return this.#send(FrameType.Refused, requestId, encodeRefusal({ code, retryAfterMs, reason: message }));
  }

  /** Resolves when the stream has passed the frame on, or is gone: only then may the payload's memory be reused. */
  #send(type: FrameType, requestId: number, payload: Buffer): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.stream.destroyed) return Promise.resolve();
    this.stream.cork();
    this.stream.write(frameHeader(type, requestId, payload.length));
    this.stream.write(payload, () => {
      this.idle.moved();
      resolve();
    });
    this.stream.uncork();
    this.options.onSent(payload.length);
    return promise;
  }
}
