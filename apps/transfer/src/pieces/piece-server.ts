import type { Duplex } from 'node:stream';
import { InvalidCid, isPiece, pieceSizeBytes } from '@allibrary/core';
import type { Catalog } from '../catalog.ts';
import { FlowRefused, type Throttle } from '../throttle.ts';
import type { BufferPool } from './buffer-pool.ts';
import {
  type Frame,
  FrameDecoder,
  FrameType,
  MAX_OPEN_REQUESTS,
  ProtocolViolation,
  REQUEST_LIMITS,
  frameHeader,
} from './frames.ts';
import { type PieceRequest, RefusalCode, decodeRequest, encodeDescription, encodeRefusal } from './messages.ts';
import { Refusal, type SharedDocuments } from './shared-documents.ts';

/** Pieces that are read or written for one peer at once: enough to read the next while one is sent. */
const LANES = 2;
/** A peer that asks for nothing, or takes nothing, for so long is let go. */
const IDLE_LIMIT_MS = 120_000;

/** What the server needs from the rest of the service. */
export interface PieceServerOptions {
  readonly catalog: Catalog;
  readonly documents: SharedDocuments;
  readonly pool: BufferPool;
  readonly throttle: Throttle;
  /** Whom it serves. */
  readonly peerId: string;
  readonly onSent: (bytes: number) => void;
}

/** Serves one peer over one stream; resolves when the stream has ended, rejects when the peer broke the protocol. */
export async function servePieces(stream: Duplex, options: PieceServerOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const peer = new ServedPeer(stream, options);
  const idle = setTimeout(() => stream.destroy(), IDLE_LIMIT_MS);
  stream.on('data', (chunk: Buffer) => {
    idle.refresh();
    try {
      peer.receive(chunk);
    } catch (error) {
      reject(error);
      stream.destroy();
    }
  });
  stream.on('end', () => stream.end());
  stream.on('error', () => stream.destroy());
  stream.on('close', resolve);
  await promise.finally(() => {
    clearTimeout(idle);
    peer.stop();
  });
}

class ServedPeer {
  readonly #decoder = new FrameDecoder(REQUEST_LIMITS);
  readonly #waiting = new Map<number, Frame>();
  readonly #gone = new AbortController();
  #lanes = 0;

  constructor(
    private readonly stream: Duplex,
    private readonly options: PieceServerOptions,
  ) {}

  receive(chunk: Buffer): void {
    for (const frame of this.#decoder.push(chunk)) this.#accept(frame);
  }

  stop(): void {
    this.#gone.abort(new Error('the peer is gone'));
    this.#waiting.clear();
  }

  #accept(frame: Frame): void {
    if (this.#waiting.size >= MAX_OPEN_REQUESTS)
      throw new ProtocolViolation(`more than ${MAX_OPEN_REQUESTS} open requests`);
    this.#waiting.set(frame.requestId, frame);
    if (this.#lanes < LANES) this.#work().catch(() => this.stream.destroy());
  }

  /** One lane: answers what waits, one after the other, each handed to the stream before the next is read. */
  async #work(): Promise<void> {
    this.#lanes += 1;
    for (let [next] = this.#waiting; next && !this.stream.destroyed; [next] = this.#waiting) {
      const [requestId, frame] = next;
      this.#waiting.delete(requestId);
      await this.#answer(frame);
    }
    this.#lanes -= 1;
  }

  async #answer(frame: Frame): Promise<void> {
    try {
      const { type, payload } = await this.#reply(decodeRequest(frame));
      await this.#send(type, frame.requestId, payload);
      this.options.pool.give(payload);
    } catch (error) {
      const refusal = refusalOf(error);
      await this.#send(FrameType.Refused, frame.requestId, encodeRefusal(refusal.code, refusal.message));
    }
  }

  async #reply(request: PieceRequest): Promise<{ type: FrameType; payload: Buffer }> {
    const documentId = request.documentId.toString();
    if (!this.options.catalog.isPublic(documentId))
      throw new Refusal(RefusalCode.NotShared, 'this document is not shared here');
    switch (request.kind) {
      case 'describe':
        return { type: FrameType.Description, payload: this.#describe(documentId) };
      case 'node':
        return { type: FrameType.Block, payload: await this.#block(documentId, request.cid) };
      case 'piece':
        return { type: FrameType.PieceBytes, payload: await this.#piece(documentId, request.index) };
    }
  }

  #describe(documentId: string): Buffer {
    const document = this.options.catalog.document(documentId);
    if (!document) throw new Refusal(RefusalCode.NotShared, 'this document is not shared here');
    const { name, mediaType, sizeBytes } = document;
    return encodeDescription({ name, mediaType, sizeBytes });
  }

  async #block(documentId: string, cid: Extract<PieceRequest, { kind: 'node' }>['cid']): Promise<Buffer> {
    this.options.documents.sizeBytes(documentId); // refuses what is not shared
    if (isPiece(cid) && cid.toString() === documentId) return this.#piece(documentId, 0);
    const block = this.options.catalog.node(cid.toString());
    if (!block) throw new Refusal(RefusalCode.NotShared, 'this node is not of a document that is shared here');
    return Buffer.from(block);
  }

  async #piece(documentId: string, index: number): Promise<Buffer> {
    const { documents, pool, throttle, peerId } = this.options;
    // A piece that there is not costs nothing, and is refused below.
    const bytes = Math.max(0, pieceSizeBytes(documents.sizeBytes(documentId), index));
    await throttle.admit('sent', bytes, { peerId, documentId }, this.#gone.signal);
    return documents.piece(documentId, index, (sizeBytes) => pool.take(sizeBytes));
  }

  /** Resolves when the stream has passed the frame on, or is gone: only then may the payload's memory be reused. */
  #send(type: FrameType, requestId: number, payload: Buffer): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.stream.destroyed) return Promise.resolve();
    this.stream.cork();
    this.stream.write(frameHeader(type, requestId, payload.length));
    this.stream.write(payload, () => resolve());
    this.stream.uncork();
    this.options.onSent(payload.length);
    return promise;
  }
}

/** What the peer is told; a failure of ours is not called a fault of its request. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof FlowRefused) return new Refusal(RefusalCode.Busy, error.message);
  const isMalformed = error instanceof InvalidCid || error instanceof ProtocolViolation;
  return isMalformed
    ? new Refusal(RefusalCode.Malformed, 'the request is not understood')
    : new Refusal(RefusalCode.Unreadable, 'it could not be read here');
}
