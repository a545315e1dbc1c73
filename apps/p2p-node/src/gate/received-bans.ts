import type { Logger } from '@allibrary/platform';
import { type Close, type ProtocolHost, serveBounded } from '../protocols/bounded-handler.ts';
import { BAN } from '../protocols/ban-protocol.ts';
import { answer } from '../protocols/exchange.ts';

/** A ban is believed for this long: a peer cannot keep this node from trying again. */
const LONGEST_BAN_MS = 3_600_000;
const MOST_REMEMBERED = 1_000;

/** A ban of this node by a peer. */
export interface ReceivedBan {
  readonly peerId: string;
  readonly reason: string;
  readonly untilMs: number;
}

/** Bans of this node that peers have announced to it: those peers are not dialled until the ban ends. */
export class ReceivedBans {
  readonly #ofPeer = new Map<string, ReceivedBan>();

  constructor(
    private readonly logger: Logger,
    /** Wall clock: the end of a ban is shown to the owner. */
    private readonly now: () => number,
  ) {}

  /** Receives notices of bans. */
  serve(host: ProtocolHost): Promise<Close> {
    return serveBounded(host, {
      protocol: BAN.protocol,
      limits: BAN.limits,
      serve: (stream, { remotePeer }) =>
        answer(stream, BAN, async ({ reason, seconds }) => {
          this.add(remotePeer.toString(), reason, seconds * 1_000);
          return {};
        }),
      refuse: (stream) => stream.abort(new Error('too many notices')),
      onExcess: () => {},
      onRefused: () => {},
      onFailure: () => {},
    });
  }

  /** Records that a peer has banned this node. */
  add(peerId: string, reason: string, durationMs: number): void {
    const ban = { peerId, reason, untilMs: this.now() + Math.min(durationMs, LONGEST_BAN_MS) };
    this.#ofPeer.delete(peerId);
    this.#ofPeer.set(peerId, ban);
    const [oldest] = this.#ofPeer.keys();
    if (this.#ofPeer.size > MOST_REMEMBERED && oldest !== undefined) this.#ofPeer.delete(oldest);
    const until = new Date(ban.untilMs).toISOString();
    this.logger.warn({ peerId, reason, until }, 'banned by a peer, which is not dialled until then');
  }

  /** The ban by this peer, while it lasts. */
  of(peerId: string): ReceivedBan | undefined {
    const ban = this.#ofPeer.get(peerId);
    if (!ban || ban.untilMs > this.now()) return ban;
    this.#ofPeer.delete(peerId);
    return undefined;
  }

  /** All bans that last now, the latest first. */
  current(): ReceivedBan[] {
    return [...this.#ofPeer.keys()].flatMap((peerId) => this.of(peerId) ?? []).toReversed();
  }
}
