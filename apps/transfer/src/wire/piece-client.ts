import type { Duplex } from 'node:stream';
import { EventEmitter, once } from 'node:events';
import { type nodeCid } from '@allibrary/core';
import { RequestDepth } from './request-depth.ts';
import type { BufferPool } from './buffer-pool.ts';
import {
  BUSY_AFTER_MS,
  type Frame,
  FrameDecoder,
  FrameType,
  MAX_FOLLOWED,
  MAX_OPEN_REQUESTS,
  ProtocolViolation,
  REPLY_LIMITS,
  frameHeader,
} from './frames.ts';
import {
  type Description,
  type PieceRequest,
  type RefusalText,
  decodeDescription,
  decodeIndices,
  decodeRefusal,
  encodeRequest,
} from './messages.ts';

type Cid = ReturnType<typeof nodeCid>;

/** How long a peer that owes replies may send nothing before it is given up: it would have refused as busy. */
const SILENCE_LIMIT_MS = 2 * BUSY_AFTER_MS;
/** The longest that one reply may take; a peer that drips is slower. */
const REPLY_LIMIT_MS = 300_000;
const CHECK_EVERY_MS = 1_000;

/** The peer politely does not give what was asked for. */
export class RefusedByPeer extends Error {
  override readonly name = 'RefusedByPeer';
  readonly code: number;
  /** After how long the peer may be asked again; 0 when it did not say. */
  readonly retryAfterMs: number;

  constructor({ code, retryAfterMs, reason }: RefusalText) {
    super(reason || `it refused without a reason, code ${code}`);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The stream to the peer is gone, for the reason in the message. */
export class PeerGone extends Error {
  override readonly name = 'PeerGone';
}

/** Listener to what a peer holds of a document. */
export interface HoldingsListener {
  /** First: all that it holds, as the bytes of a bitfield; null is the whole document. It may come again. */
  readonly onHeld: (bits: Uint8Array | null) => void;
  /** Then: the pieces that it has got since. */
  readonly onHave: (indices: readonly number[]) => void;
}

/** A request whose reply is awaited. */
interface OpenRequest {
  readonly replyType: FrameType;
  readonly askedAtMs: number;
  readonly resolve: (payload: Buffer) => void;
  readonly reject: (error: unknown) => void;
  /** Nobody waits for the reply any more, but it may still come. */
  isCancelled: boolean;
}

/** Asks one peer over one stream; many requests may be open at once. */
export class PieceClient {
  /** How many pieces may be asked at once, as the line was measured. */
  readonly line = new RequestDepth();
  readonly #open = new Map<number, OpenRequest>();
  readonly #followed = new Map<number, { readonly listener: HoldingsListener; readonly end: (error: Error) => void }>();
  readonly #decoder: FrameDecoder;
  readonly #watch: NodeJS.Timeout;
  readonly #gone = new AbortController();
  readonly #events = new EventEmitter<{ settled: [] }>().setMaxListeners(0);
  #lastRequestId = 0;
  #heardAtMs = performance.now();

  private constructor(
    private readonly stream: Duplex,
    private readonly pool: BufferPool,
    private readonly onReceived: (bytes: number) => void,
  ) {
    this.#decoder = new FrameDecoder(REPLY_LIMITS, (sizeBytes) => pool.take(sizeBytes));
    this.#watch = setInterval(() => this.#checkTime(), CHECK_EVERY_MS);
    stream.on('end', () => this.close(new PeerGone('the peer ended the stream')));
    stream.on('error', (error) => this.close(new PeerGone(`the stream broke: ${error.message}`, { cause: error })));
    stream.on('close', () => this.close(new PeerGone('the stream was closed')));
  }

  /** Opens a stream; nothing is sent on it before the first request. */
  static async open(
    openStream: (onBytes: (chunk: Buffer) => void) => Promise<Duplex>,
    { pool, onReceived }: { readonly pool: BufferPool; readonly onReceived: (bytes: number) => void },
  ): Promise<PieceClient> {
    // A peer that speaks before it is asked is not heard.
    let receive: (chunk: Buffer) => void = () => undefined;
    const stream = await openStream((chunk) => receive(chunk));
    const client = new PieceClient(stream, pool, onReceived);
    receive = (chunk) => client.#receive(chunk);
    return client;
  }

  /** Aborts, with the reason, when the stream is gone. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** What the peer calls the document. */
  async describe(documentId: Cid, signal: AbortSignal): Promise<Description> {
    return decodeDescription(await this.#ask({ kind: 'describe', documentId }, FrameType.Description, signal));
  }

  /** A block of the document's manifest, not yet verified. */
  node(documentId: Cid, cid: Cid, signal: AbortSignal): Promise<Buffer> {
    return this.#ask({ kind: 'node', documentId, cid }, FrameType.Block, signal);
  }

  /** The bytes of one piece, not yet verified; the caller gives their memory back to the pool. */
  piece(documentId: Cid, index: number, signal: AbortSignal): Promise<Buffer> {
    return this.#ask({ kind: 'piece', documentId, index }, FrameType.PieceBytes, signal);
  }

  /** Follows what the peer holds of the document, until the signal aborts; rejects when the peer ends it. */
  async follow(documentId: Cid, listener: HoldingsListener, signal: AbortSignal): Promise<never> {
    signal.throwIfAborted();
    this.#gone.signal.throwIfAborted();
    if (this.#followed.size >= MAX_FOLLOWED) throw new PeerGone('too many documents are asked of this peer already');
    const ended = Promise.withResolvers<never>();
    const requestId = this.#send({ kind: 'holdings', documentId });
    const askedAtMs = performance.now();
    const onHeld = (bits: Uint8Array | null) => {
      this.line.answered(performance.now() - askedAtMs);
      listener.onHeld(bits);
    };
    this.#followed.set(requestId, { listener: { ...listener, onHeld }, end: ended.reject });
    const onAbort = () => {
      this.#write(FrameType.Cancel, requestId, Buffer.alloc(0));
      ended.reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    return ended.promise.finally(() => signal.removeEventListener('abort', onAbort));
  }

  /** Ends the stream and fails what is still open. */
  close(reason: Error = new PeerGone('the stream is no longer needed')): void {
    if (this.#gone.signal.aborted) return;
    clearInterval(this.#watch);
    this.#gone.abort(reason);
    this.stream.destroy();
    for (const request of this.#open.values()) request.reject(reason);
    for (const { end } of this.#followed.values()) end(reason);
    this.#open.clear();
    this.#followed.clear();
    this.#events.emit('settled');
  }

  async #ask(request: PieceRequest, replyType: FrameType, signal: AbortSignal): Promise<Buffer> {
    // All downloads share this stream, and cancelled requests count until the peer has settled them.
    while (this.#open.size >= MAX_OPEN_REQUESTS) await once(this.#events, 'settled', { signal });
    this.#gone.signal.throwIfAborted();
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const askedAtMs = performance.now();
    if (this.#open.size === 0) this.#heardAtMs = askedAtMs;
    const requestId = this.#send(request);
    const open = { replyType, askedAtMs, resolve, reject, isCancelled: false };
    this.#open.set(requestId, open);
    const cancel = () => {
      open.isCancelled = true;
      this.#write(FrameType.Cancel, requestId, Buffer.alloc(0));
      reject(signal.reason);
    };
    signal.addEventListener('abort', cancel, { once: true });
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  /** Sends a request under a new id. */
  #send(request: PieceRequest): number {
    const { type, payload } = encodeRequest(request);
    const requestId = ++this.#lastRequestId;
    this.#write(type, requestId, payload);
    return requestId;
  }

  #write(type: FrameType, requestId: number, payload: Buffer): void {
    if (!this.#gone.signal.aborted)
      this.stream.write(Buffer.concat([frameHeader(type, requestId, payload.length), payload]));
  }

  #receive(chunk: Buffer): void {
    if (this.#gone.signal.aborted) return;
    this.#heardAtMs = performance.now();
    this.line.received(chunk.length, this.#heardAtMs);
    this.onReceived(chunk.length);
    try {
      for (const frame of this.#decoder.push(chunk)) this.#take(frame);
    } catch (error) {
      this.close(error as Error);
    }
  }

  #take(frame: Frame): void {
    const followed = this.#followed.get(frame.requestId);
    if (followed) return this.#notify(frame, followed);
    const request = this.#open.get(frame.requestId);
    if (!request) throw new ProtocolViolation('a reply to a request that is not open');
    this.#open.delete(frame.requestId);
    if (this.#open.size === 0) this.line.rests();
    this.#events.emit('settled');
    this.#settle(frame, request);
  }

  #settle({ type, payload }: Frame, request: OpenRequest): void {
    if (type === FrameType.Refused) return request.reject(new RefusedByPeer(decodeRefusal(payload)));
    if (type !== request.replyType) throw new ProtocolViolation(`a reply of type ${type} to another kind of request`);
    if (request.isCancelled) this.pool.give(payload);
    else request.resolve(payload);
  }

  #notify(
    { type, requestId, payload }: Frame,
    { listener, end }: { listener: HoldingsListener; end: (error: Error) => void },
  ) {
    switch (type) {
      case FrameType.HeldPieces:
        return listener.onHeld(payload.length === 0 ? null : payload);
      case FrameType.Have:
        return listener.onHave(decodeIndices(payload));
      case FrameType.Refused:
        this.#followed.delete(requestId);
        return end(new RefusedByPeer(decodeRefusal(payload)));
      default:
        throw new ProtocolViolation(`a reply of type ${type} to a request for holdings`);
    }
  }

  #checkTime(): void {
    const [oldest] = this.#open.values();
    if (!oldest) return;
    const now = performance.now();
    if (now - this.#heardAtMs > SILENCE_LIMIT_MS) this.close(new PeerGone('the peer stalls'));
    else if (now - oldest.askedAtMs > REPLY_LIMIT_MS) this.close(new PeerGone('the peer is too slow'));
  }
}
