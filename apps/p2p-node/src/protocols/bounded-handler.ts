import type { Connection, Stream, StreamHandler, StreamHandlerOptions } from '@libp2p/interface';
import { addressOf } from '../addresses/address.ts';
import { type AdmissionLimits, FairAdmission } from '../gate/fair-admission.ts';
import { limitKeysOf } from '../gate/limit-keys.ts';
import { type Rate, RateLimit } from '../gate/rate-limit.ts';
import { REFUSAL_OF, type StreamRefusal } from '../streams/stream-gate.ts';

/** One protocol, and how its streams are served. */
export interface BoundedService {
  readonly protocol: string;
  /** How many streams are served at once; the holder is a peer. */
  readonly bounds: AdmissionLimits;
  /** How often one peer may open a stream. */
  readonly rate: Rate;
  /** Serves one stream, until it is gone. */
  readonly serve: (stream: Stream, connection: Connection) => Promise<void>;
  /** Ends a stream for which there is no room. */
  readonly refuse: (stream: Stream) => void | Promise<void>;
  /** Called for a stream that was refused because of its own peer's excess, not because of others. */
  readonly onExcess: (peerId: string, excess: 'too-fast' | 'too-many-streams') => void;
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

/** libp2p resets a connection's streams beyond its own limit: this many more can be refused with an answer. */
const LEFT_TO_REFUSE = 8;

/** Ends what was begun; idempotent. */
export type Close = () => Promise<void>;

/**
 * Serves a protocol within bounds: a stream beyond them is refused, or takes the place of the oldest stream of whoever has
 * most. A failing stream harms no other.
 */
export async function serveBounded(host: ProtocolHost, service: BoundedService): Promise<Close> {
  const { protocol, bounds, rate, serve, refuse, onExcess, onRefused, onFailure } = service;
  const served = new FairAdmission<Stream>(bounds);
  const limiter = new RateLimit(rate, MOST_PEERS);
  const onStream = async (stream: Stream, connection: Connection): Promise<void> => {
    const peerId = connection.remotePeer.toString();
    if (!limiter.take(peerId, performance.now())) {
      onExcess(peerId, 'too-fast');
      onRefused('too-fast');
      return refuse(stream);
    }
    const subnet = limitKeysOf(addressOf(connection.remoteAddr))?.subnet ?? peerId;
    const admission = served.admit(stream, { holder: peerId, subnet });
    if ('excess' in admission) onRefused(REFUSAL_OF[admission.excess]);
    if (!admission.isAdmitted) {
      if (admission.excess === 'of-holder') onExcess(peerId, 'too-many-streams');
      return refuse(stream);
    }
    if ('evicted' in admission) admission.evicted.abort(new Error('another peer needs the place of this stream'));
    try {
      await serve(stream, connection);
    } catch (error) {
      onFailure(peerId, error);
    } finally {
      served.release(stream);
    }
  };
  await host.handle(protocol, onStream, { maxInboundStreams: bounds.perHolder + LEFT_TO_REFUSE });
  return () => host.unhandle(protocol);
}
