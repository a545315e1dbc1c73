import type { Connection, Stream, StreamHandler, StreamHandlerOptions } from '@libp2p/interface';
import { FairAdmission } from '../gate/fair-admission.ts';
import { subnetKeyOf } from '../gate/limit-keys.ts';
import { RateLimit } from '../gate/rate-limit.ts';
import { REFUSAL_OF, type StreamRefusal } from '../gate/stream-refusals.ts';
import { type ProtocolLimits, toleratedRefusals } from './protocol-limits.ts';

/** What a peer does beyond the limits. */
export type Excess = 'too-fast' | 'too-many-streams';

/** One protocol, and how its streams are served. */
export interface BoundedService {
  readonly protocol: string;
  readonly limits: ProtocolLimits;
  /** Serves one stream, until it is gone. */
  readonly serve: (stream: Stream, connection: Connection) => Promise<void>;
  /** Ends a stream that is beyond the limits; the peer may open another one after the pause. */
  readonly refuse: (stream: Stream, retryAfterMs: number) => void | Promise<void>;
  /** Called when a peer goes on opening streams beyond the limits although they are refused. */
  readonly onExcess: (peerId: string, excess: Excess) => void;
  /** Called for every stream that is refused, or ended because others need its place. */
  readonly onRefused: (reason: StreamRefusal) => void;
  readonly onFailure: (peerId: string, error: unknown) => void;
}

/** What serves protocols: a libp2p host, or its registrar. */
export interface ProtocolHost {
  handle(protocol: string, handler: StreamHandler, options?: StreamHandlerOptions): Promise<void>;
  unhandle(protocol: string): Promise<void>;
}

const MOST_PEERS = 10_000;
/** A stream takes far less than this, so a slot is free by then. */
const SLOT_PAUSE_MS = 1_000;

/** libp2p resets a connection's streams beyond its own limit: this many more can be refused with an answer. */
const LEFT_TO_REFUSE = 8;

/** Stops serving; idempotent. */
export type Close = () => Promise<void>;

/**
 * Serves a protocol within its limits: a stream beyond them is refused, or replaces the oldest stream of the holder
 * with most streams. A failing stream harms no other.
 */
export async function serveBounded(host: ProtocolHost, service: BoundedService): Promise<Close> {
  const { protocol, limits, serve, refuse, onExcess, onRefused, onFailure } = service;
  const served = new FairAdmission<Stream>(limits.streams);
  const rate = new RateLimit(limits.rate, MOST_PEERS);
  const refusals = new RateLimit(toleratedRefusals(limits), MOST_PEERS);
  const refuseExcess = (stream: Stream, peerId: string, excess: Excess): void | Promise<void> => {
    const nowMs = performance.now();
    if (!refusals.take(peerId, nowMs)) onExcess(peerId, excess);
    return refuse(stream, Math.max(SLOT_PAUSE_MS, rate.waitMs(peerId, nowMs)));
  };
  const onStream = async (stream: Stream, connection: Connection): Promise<void> => {
    const peerId = connection.remotePeer.toString();
    if (!rate.take(peerId, performance.now())) {
      onRefused('too-fast');
      return refuseExcess(stream, peerId, 'too-fast');
    }
    const subnet = subnetKeyOf(connection.remoteAddr) ?? peerId;
    const admission = served.admit(stream, { holder: peerId, subnet });
    if ('excess' in admission) onRefused(REFUSAL_OF[admission.excess]);
    if (!admission.isAdmitted)
      return admission.excess === 'of-holder'
        ? refuseExcess(stream, peerId, 'too-many-streams')
        : refuse(stream, SLOT_PAUSE_MS);
    if ('evicted' in admission) admission.evicted.abort(new Error('another peer needs the place of this stream'));
    try {
      await serve(stream, connection);
    } catch (error) {
      onFailure(peerId, error);
    } finally {
      served.release(stream);
    }
  };
  await host.handle(protocol, onStream, { maxInboundStreams: limits.streams.perHolder + LEFT_TO_REFUSE });
  return () => host.unhandle(protocol);
}
