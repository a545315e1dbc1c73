import type { MessageStream, Stream } from '@libp2p/interface';
import { type AdmissionLimits, FairAdmission } from '../gate/fair-admission.ts';
import { REFUSAL_OF, type StreamRefusal } from '../gate/stream-refusals.ts';
import { ByteBudget } from './byte-budget.ts';
import type { Owner } from './connection-owners.ts';
import { FrameMeter } from './frame-meter.ts';
import { watchReceivedBytes } from './received-bytes.ts';

/** Limits of the streams that peers open. */
export interface StreamLimits {
  /** Open streams of any protocol; the holder is a peer. */
  readonly streams: AdmissionLimits;
  /** A data frame of the multiplexer. */
  readonly frameBytes: number;
  /** Bytes that a stream receives in its life, unless its protocol limits them itself. */
  readonly streamBytes: number;
  /** Bytes of all connections: unfinished frames, and what streams with a byte limit have received. */
  readonly unreadBytes: number;
}

/** This program sends frames of up to about 320 KiB, others of 64 KiB; identify's messages have up to 8 KiB. */
export const STREAM_LIMITS: StreamLimits = {
  streams: { perHolder: 96, perSubnet: 256, inTotal: 1_024 },
  frameBytes: 1_048_576,
  streamBytes: 65_536,
  unreadBytes: 67_108_864,
};

/** Called for each stream that is refused or ended. */
export type OnStreamRefused = (reason: StreamRefusal, peerId: string) => void;

/** What the gate uses of a multiplexer. */
export interface Muxer {
  abort(error: Error): void;
  onData(data: Uint8Array | Iterable<Uint8Array>): void;
  onRemoteStream(stream: Stream): void;
}

/** What the gate is made of. */
export interface StreamGateOptions {
  readonly limits?: StreamLimits;
  /** Protocols whose handlers bound their bytes themselves. */
  readonly selfBounded: ReadonlySet<string>;
  readonly isExempt: (peerId: string) => boolean;
  readonly onRefused: OnStreamRefused;
}

/** Bounds the streams of all connections below their protocols: their number, their frames, and the bytes they hold. */
export class StreamGate {
  readonly #limits: StreamLimits;
  readonly #streams: FairAdmission<Stream>;
  readonly #unread: ByteBudget<GuardedConnection>;

  constructor(private readonly options: StreamGateOptions) {
    this.#limits = options.limits ?? STREAM_LIMITS;
    this.#streams = new FairAdmission(this.#limits.streams);
    this.#unread = new ByteBudget(this.#limits.unreadBytes);
  }

  /** Bounds all that arrives at the multiplexer of a connection. */
  guard(muxer: Muxer, connection: MessageStream, owner: Owner): void {
    const guarded = new GuardedConnection(muxer, connection, owner);
    connection.addEventListener('close', () => this.#unread.set(guarded, 0));
    const [onData, onRemoteStream] = [muxer.onData.bind(muxer), muxer.onRemoteStream.bind(muxer)];
    const meter = new FrameMeter(this.#limits.frameBytes);
    muxer.onData = (data) => {
      if (!meter.read(data instanceof Uint8Array ? [data] : data)) return this.#cut(guarded, 'frame-too-long');
      onData(data);
      guarded.unfinishedBytes = meter.unfinishedBytes;
      this.#count(guarded);
    };
    muxer.onRemoteStream = (stream) => {
      if (!this.#admits(stream, owner)) return stream.abort(new Error('too many streams'));
      this.#limitBytes(stream, guarded);
      onRemoteStream(stream);
    };
  }

  #admits(stream: Stream, { peerId, subnet }: Owner): boolean {
    if (this.options.isExempt(peerId)) return true;
    const admission = this.#streams.admit(stream, { holder: peerId, subnet });
    if ('excess' in admission) this.options.onRefused(REFUSAL_OF[admission.excess], peerId);
    if ('evicted' in admission) admission.evicted.abort(new Error('too many streams'));
    if (admission.isAdmitted) stream.addEventListener('close', () => this.#streams.release(stream));
    return admission.isAdmitted;
  }

  #limitBytes(stream: Stream, guarded: GuardedConnection): void {
    let received = 0;
    watchReceivedBytes(stream, (bytes) => {
      if (this.options.selfBounded.has(stream.protocol)) return true;
      if (received + bytes > this.#limits.streamBytes) {
        this.options.onRefused('too-many-bytes', guarded.owner.peerId);
        stream.abort(new Error('the stream received too many bytes'));
        return false;
      }
      received += bytes;
      guarded.streamBytes += bytes;
      return true;
    });
    stream.addEventListener('close', () => {
      guarded.streamBytes -= received;
      this.#count(guarded);
    });
  }

  #count(guarded: GuardedConnection): void {
    const largest = this.#unread.set(guarded, guarded.unreadBytes);
    if (largest) this.#cut(largest, 'too-much-unread');
  }

  #cut(guarded: GuardedConnection, reason: StreamRefusal): void {
    this.#unread.set(guarded, 0);
    this.options.onRefused(reason, guarded.owner.peerId);
    guarded.abort(new Error(`connection ended: ${reason}`));
  }
}

/** A connection and the bytes that it holds. */
class GuardedConnection {
  unfinishedBytes = 0;
  streamBytes = 0;

  constructor(
    private readonly muxer: Muxer,
    private readonly connection: MessageStream,
    readonly owner: Owner,
  ) {}

  get unreadBytes(): number {
    return this.connection.status === 'open' ? this.unfinishedBytes + this.streamBytes : 0;
  }

  abort(error: Error): void {
    this.muxer.abort(error);
    this.connection.abort(error);
  }
}
