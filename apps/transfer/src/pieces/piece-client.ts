import { EventEmitter, once } from 'node:events';
import type { Duplex } from 'node:stream';
import { type nodeCid } from '@allibrary/core';
import type { BufferPool } from './buffer-pool.ts';
import {
  type Frame,
  FrameDecoder,
  FrameType,
  MAX_OPEN_REQUESTS,
  ProtocolViolation,
  REPLY_LIMITS,
  frameHeader,
} from './frames.ts';
import { type Description, type PieceRequest, decodeDescription, decodeRefusal, encodeRequest } from './messages.ts';

type Cid = ReturnType<typeof nodeCid>;

/** A peer that owes replies and sends nothing for so long stalls. */
const STALL_LIMIT_MS = 20_000;
/** The longest that one reply may take; a peer that drips is slower. */
const REPLY_LIMIT_MS = 120_000;
const CHECK_EVERY_MS = 1_000;

/** The peer politely does not give what was asked for. */
export class RefusedByPeer extends Error {
  override readonly name = 'RefusedByPeer';
  constructor(
    readonly code: number,
    reason: string,
  ) {
    super(reason);
  }
}

/** The stream to the peer is gone, for the reason in the message. */
export class PeerGone extends Error {
  override readonly name = 'PeerGone';
}

interface OpenRequest {
  readonly replyType: FrameType;
  readonly askedAtMs: number;
  readonly resolve: (payload: Buffer) => void;
  readonly reject: (error: Error) => void;
}

/** Asks one peer over one stream; many requests may be open at once. */
export class PieceClient {
  readonly #open = new Map<number, OpenRequest>();
  readonly #decoder: FrameDecoder;
  readonly #watch: NodeJS.Timeout;
  readonly #gone = new AbortController();
  readonly #events = new EventEmitter<{ settled: [] }>().setMaxListeners(0);
  #lastRequestId = 0;
  #heardAtMs = performance.now();

  constructor(
    private readonly stream: Duplex,
    pool: BufferPool,
    private readonly onReceived: (bytes: number) => void,
  ) {
    this.#decoder = new FrameDecoder(REPLY_LIMITS, (sizeBytes) => pool.take(sizeBytes));
    this.#watch = setInterval(() => this.#checkTime(), CHECK_EVERY_MS);
    stream.on('data', (chunk: Buffer) => this.#receive(chunk));
    stream.on('end', () => this.close(new PeerGone('the peer ended the stream')));
    stream.on('error', (error) => this.close(new PeerGone(`the stream broke: ${error.message}`, { cause: error })));
    stream.on('close', () => this.close(new PeerGone('the stream was closed')));
  }

  /** Aborts, with the reason, when the stream is gone. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** What the peer calls the document. */
  async describe(documentId: Cid): Promise<Description> {
    return decodeDescription(await this.#ask({ kind: 'describe', documentId }, FrameType.Description));
  }

  /** A block of the document's manifest, not yet verified. */
  node(documentId: Cid, cid: Cid): Promise<Buffer> {
    return this.#ask({ kind: 'node', documentId, cid }, FrameType.Block);
  }

  /** The bytes of one piece, not yet verified; the caller gives their memory back to the pool. */
  piece(documentId: Cid, index: number): Promise<Buffer> {
    return this.#ask({ kind: 'piece', documentId, index }, FrameType.PieceBytes);
  }

  /** Ends the stream and fails what is still open. */
  close(reason: Error = new PeerGone('the stream is no longer needed')): void {
    if (this.#gone.signal.aborted) return;
    clearInterval(this.#watch);
    this.#gone.abort(reason);
    this.stream.destroy();
    for (const request of this.#open.values()) request.reject(reason);
    this.#open.clear();
    this.#events.emit('settled');
  }

  async #ask(request: PieceRequest, replyType: FrameType): Promise<Buffer> {
    // All downloads share this stream, and a peer lets nobody open more.
    while (this.#open.size >= MAX_OPEN_REQUESTS) await once(this.#events, 'settled');
    this.#gone.signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const { type, payload } = encodeRequest(request);
    const requestId = ++this.#lastRequestId;
    const askedAtMs = performance.now();
    if (this.#open.size === 0) this.#heardAtMs = askedAtMs;
    this.#open.set(requestId, { replyType, askedAtMs, resolve, reject });
    this.stream.write(Buffer.concat([frameHeader(type, requestId, payload.length), payload]));
    return promise;
  }

  #receive(chunk: Buffer): void {
    this.#heardAtMs = performance.now();
    this.onReceived(chunk.length);
    try {
      for (const frame of this.#decoder.push(chunk)) this.#settle(frame);
    } catch (error) {
      this.close(error as Error);
    }
  }

  #settle({ type, requestId, payload }: Frame): void {
    const request = this.#open.get(requestId);
    if (!request) throw new ProtocolViolation('a reply to a request that is not open');
    this.#open.delete(requestId);
    this.#events.emit('settled');
    if (type === request.replyType) return request.resolve(payload);
    if (type !== FrameType.Refused) throw new ProtocolViolation(`a reply of type ${type} to another kind of request`);
    const { code, reason } = decodeRefusal(payload);
    request.reject(new RefusedByPeer(code, reason));
  }

  #checkTime(): void {
    const [oldest] = this.#open.values();
    if (!oldest) return;
    const now = performance.now();
    if (now - this.#heardAtMs > STALL_LIMIT_MS) this.close(new PeerGone('the peer stalls'));
    else if (now - oldest.askedAtMs > REPLY_LIMIT_MS) this.close(new PeerGone('the peer is too slow'));
  }
}
