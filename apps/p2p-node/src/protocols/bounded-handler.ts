import type { Connection, Libp2p, Stream } from '@libp2p/interface';
import { type Rate, RateLimit } from '../gate/rate-limit.ts';

/** How many streams of one protocol are served at once. */
export interface StreamBounds {
  readonly perPeer: number;
  readonly inTotal: number;
}

/** One protocol, and how its streams are served. */
export interface BoundedService {
  readonly protocol: string;
  readonly bounds: StreamBounds;
  /** How often one peer may open a stream. */
  readonly rate: Rate;
  /** Serves one stream, until it is gone. */
  readonly serve: (stream: Stream, connection: Connection) => Promise<void>;
  /** Ends a stream for which there is no room. */
  readonly refuse: (stream: Stream) => void | Promise<void>;
  /** Called for a stream that was refused because of its own peer's excess, not because of others. */
  readonly onExcess: (peerId: string, excess: 'too-fast' | 'too-many-streams') => void;
  readonly onFailure: (peerId: string, error: unknown) => void;
}

const MOST_PEERS = 10_000;

/** libp2p resets a connection's streams beyond its own limit: this many more can be refused with an answer. */
const LEFT_TO_REFUSE = 8;

/** Ends what was begun; idempotent. */
export type Close = () => Promise<void>;

/** Serves a protocol within bounds: a stream beyond them is refused, and a failing one harms no other. */
export async function serveBounded(host: Pick<Libp2p, 'handle' | 'unhandle'>, service: BoundedService): Promise<Close> {
  const { protocol, bounds, rate, serve, refuse, onExcess, onFailure } = service;
  const slots = new StreamSlots(bounds);
  const limiter = new RateLimit(rate, MOST_PEERS);
  const onStream = async (stream: Stream, connection: Connection): Promise<void> => {
    const peerId = connection.remotePeer.toString();
    if (!limiter.take(peerId, performance.now())) {
      onExcess(peerId, 'too-fast');
      return refuse(stream);
    }
    if (!slots.take(peerId)) {
      if (slots.areAllOf(peerId)) onExcess(peerId, 'too-many-streams');
      return refuse(stream);
    }
    try {
      await serve(stream, connection);
    } catch (error) {
      onFailure(peerId, error);
    } finally {
      slots.give(peerId);
    }
  };
  await host.handle(protocol, onStream, { maxInboundStreams: bounds.perPeer + LEFT_TO_REFUSE });
  return () => host.unhandle(protocol);
}

/** Counts the streams that are served now, over all connections of each peer. */
class StreamSlots {
  readonly #ofPeer = new Map<string, number>();
  #taken = 0;

  constructor(private readonly bounds: StreamBounds) {}

  take(peerId: string): boolean {
    const taken = this.#ofPeer.get(peerId) ?? 0;
    if (this.#taken >= this.bounds.inTotal || taken >= this.bounds.perPeer) return false;
    this.#taken += 1;
    this.#ofPeer.set(peerId, taken + 1);
    return true;
  }

  /** Whether a peer has all that one peer may have. */
  areAllOf(peerId: string): boolean {
    return (this.#ofPeer.get(peerId) ?? 0) >= this.bounds.perPeer;
  }

  give(peerId: string): void {
    const left = (this.#ofPeer.get(peerId) ?? 1) - 1;
    this.#taken -= 1;
    if (left > 0) this.#ofPeer.set(peerId, left);
    else this.#ofPeer.delete(peerId);
  }
}
