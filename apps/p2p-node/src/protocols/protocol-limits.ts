import type { AdmissionLimits } from '../gate/fair-admission.ts';
import type { Rate } from '../gate/rate-limit.ts';

/** Limits of one protocol that a server applies to its peers (docs/PROTOCOL.md). */
export interface ProtocolLimits {
  /** Streams that are served at once; the holder is a peer, over all its connections. */
  readonly streams: AdmissionLimits;
  /** How often one peer may open a stream. */
  readonly rate: Rate;
}

/** `have` and `search`: more than a person, or a polling program, asks through one node. */
export const QUESTION_LIMITS: ProtocolLimits = {
  streams: { perHolder: 8, perSubnet: 32, inTotal: 64 },
  rate: { burst: 600, perMinute: 1_200 },
};

/** `peers`: a peer that asks more often is collecting a list of the network. */
export const PEER_EXCHANGE_LIMITS: ProtocolLimits = {
  streams: { perHolder: 8, perSubnet: 32, inTotal: 64 },
  rate: { burst: 10, perMinute: 6 },
};

/** `pieces`: one stream serves all downloads from a peer. A few more may still be closing, or belong to other replicas. */
export const PIECES_LIMITS: ProtocolLimits = {
  streams: { perHolder: 4, perSubnet: 64, inTotal: 256 },
  rate: { burst: 60, perMinute: 120 },
};

/**
 * `kad`: a lookup opens one stream for each question. The rate is above the share of work that one peer can get: a
 * peer that keeps to the protocol waits for its answers.
 */
export const KAD_LIMITS: ProtocolLimits = {
  streams: { perHolder: 32, perSubnet: 96, inTotal: 256 },
  rate: { burst: 1_200, perMinute: 12_000 },
};

/** `ban`: a peer has at most one reason at a time to send it. */
export const BAN_NOTICE_LIMITS: ProtocolLimits = {
  streams: { perHolder: 1, perSubnet: 8, inTotal: 16 },
  rate: { burst: 3, perMinute: 1 },
};

/**
 * How often a server refuses a peer's streams before that counts as misbehaviour. A refusal is cheap, and a client of
 * another version may not know the limits: only one that continues misbehaves.
 */
export const toleratedRefusals = ({ rate }: ProtocolLimits): Rate => ({ ...rate, burst: Math.ceil(rate.burst / 4) });

/** Limits that this node keeps as a client. */
export interface ClientLimits {
  /** Streams to one peer that are open at once. */
  readonly streams: number;
  readonly rate: Rate;
}

/**
 * Returns the share of a server's limits that a client uses. The rest is the margin for clocks that run at different
 * speeds, for requests that the network delays and delivers together, and for streams that the server closes later.
 */
export const clientShareOf = ({ streams, rate }: ProtocolLimits): ClientLimits => ({
  streams: Math.max(1, Math.floor(streams.perHolder * 0.75)),
  rate: { burst: Math.max(1, Math.floor(rate.burst / 2)), perMinute: rate.perMinute * 0.9 },
});

/**
 * Limits of the lookups that run through `DhtLookups`, all together. One lookup queries a node at most once, so no node
 * of the DHT receives more of their queries than this.
 */
export const DHT_LOOKUP_LIMITS: ClientLimits = { streams: 8, rate: { burst: 100, perMinute: 600 } };
