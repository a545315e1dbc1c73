import type { Logger } from '@allibrary/platform';
import type { Connection, IdentifyResult } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import { addressOf, isSameHost } from '../addresses/address.ts';
import { ConnectionGate, type GateLimits } from './connection-gate.ts';
import type { GuardCounters } from './guard-counters.ts';
import type { Misbehaviour } from './peer-score.ts';
import { BAN_MS, PeerScores } from './peer-scores.ts';
import { PIECES_PROTOCOL } from '@allibrary/contracts';
import { KAD_PROTOCOL, type Libp2pHost, MOST_ADDRESSES_OF_PEER } from '../network/libp2p-host.ts';
import { StreamGate } from '../streams/stream-gate.ts';
import type { StreamRefusal } from './stream-refusals.ts';
import { BAN } from '../protocols/ban-protocol.ts';
import { ask } from '../protocols/exchange.ts';
import { PeerRules } from './peer-rules.ts';
import type { ReceivedBans } from './received-bans.ts';
import { leastMissed } from './least-missed.ts';

/** What the guard is made of. */
export interface PeerGuardOptions {
  readonly counters: GuardCounters;
  /** Bans of this node by its peers. */
  readonly bans: ReceivedBans;
  readonly logger: Logger;
  readonly now: () => number;
  readonly limits?: GateLimits;
}

/** A peer that keeps to the protocol never reaches these limits. */
const MISBEHAVIOUR_OF: Partial<Record<StreamRefusal, Misbehaviour>> = {
  'too-many-of-peer': 'too-many-streams',
  'too-many-bytes': 'violation',
  'frame-too-long': 'violation',
};

/** Limits what strangers can do: holds the owner's rules, the ban scores, and the gates of connections and streams. */
export class PeerGuard {
  readonly rules = new PeerRules();
  readonly scores: PeerScores;
  readonly gate: ConnectionGate;
  readonly streams: StreamGate;
  readonly bans: ReceivedBans;
  /** Banned peers whose notice is still being sent. */
  readonly #leaving = new Set<string>();
  #host: Libp2pHost | undefined;

  constructor(private readonly options: PeerGuardOptions) {
    const { counters, now, limits } = options;
    this.bans = options.bans;
    this.scores = new PeerScores(now);
    this.gate = new ConnectionGate({
      rules: this.rules,
      scores: this.scores,
      now,
      onRefused: counters.refused,
      makeRoom: () => this.#makeRoom(),
      ...(limits && { limits }),
    });
    this.streams = new StreamGate({
      selfBounded: new Set([PIECES_PROTOCOL, KAD_PROTOCOL]),
      isExempt: (peerId) => this.rules.isAllowed(peerId),
      onRefused: (reason, peerId) => {
        counters.streamRefused(reason);
        const kind = MISBEHAVIOUR_OF[reason];
        if (kind) this.report(peerId, kind);
      },
    });
  }

  /** Sets the host whose connections it guards; a guard has one host. */
  attach(host: Libp2pHost): void {
    this.#host = host;
    host.addEventListener('peer:identify', this.#onIdentify);
  }

  /** Counts a misbehaviour. A peer whose ban score reaches the limit is disconnected and banned. */
  readonly report = (peerId: string, kind: Misbehaviour): void => {
    this.options.counters.misbehaved(kind);
    if (this.#leaving.has(peerId) || this.rules.isAllowed(peerId) || !this.scores.add(peerId, kind)) return;
    this.options.logger.warn({ peerId, kind }, 'peer banned for half an hour');
    this.#leaving.add(peerId);
    this.#notify(peerId, kind)
      .catch(() => {}) // another version, or a peer that does not listen
      .finally(() => {
        this.#leaving.delete(peerId);
        this.#drop(peerId);
      });
  };

  /** Counts a stream that a protocol refused. */
  readonly countRefusedStream = (reason: StreamRefusal): void => this.options.counters.streamRefused(reason);

  /** Disconnects every peer that the owner's rules deny now. */
  enforce(): void {
    for (const connection of this.#host?.getConnections() ?? []) if (this.#isDenied(connection)) cut(connection);
  }

  /** An address is proven when the peer that names it has connected from the same host. */
  readonly #onIdentify = ({ detail: { connection, listenAddrs } }: { detail: IdentifyResult }): void => {
    const remote = addressOf(connection.remoteAddr);
    const own = listenAddrs.filter((address) => isSameHost(addressOf(address), remote));
    for (const address of own.slice(0, MOST_ADDRESSES_OF_PEER)) this.gate.prove(address);
  };

  #isDenied({ remotePeer, remoteAddr }: Connection): boolean {
    return this.rules.isDenied(remotePeer.toString()) || this.rules.denies(addressOf(remoteAddr));
  }

  #makeRoom(): boolean {
    const strangers = (this.#host?.getConnections() ?? []).filter(
      ({ direction, remotePeer }) => direction === 'inbound' && !this.rules.isAllowed(remotePeer.toString()),
    );
    const connection = leastMissed(strangers);
    if (connection) cut(connection);
    return connection !== undefined;
  }

  /** Sends the peer the reason for its ban: an honest node shows it to its owner. */
  async #notify(peerId: string, reason: Misbehaviour): Promise<void> {
    const [connection] = this.#host?.getConnections(peerIdFromString(peerId)) ?? [];
    const signal = AbortSignal.timeout(BAN.timeoutMs);
    const stream = await connection?.newStream(BAN.protocol, { signal });
    if (stream) await ask(stream, BAN, { reason, seconds: BAN_MS / 1_000 }, signal);
  }

  #drop(peerId: string): void {
    for (const connection of this.#host?.getConnections(peerIdFromString(peerId)) ?? []) cut(connection);
  }
}

// Aborted, not closed: a peer that misbehaves gets no time to end its streams.
const cut = (connection: Connection): void => connection.abort(new Error('the peer is not welcome'));
