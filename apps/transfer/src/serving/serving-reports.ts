import { PeerOffended } from '@allibrary/contracts';
import type { Bus } from '@allibrary/messaging';
import type { Metrics } from '@allibrary/platform';
import type { StreamEnd } from './stream-limits.ts';

const REASONS: readonly StreamEnd[] = ['violation', 'idle'];

/** Counts the streams of peers that this node ends, and reports misbehaviour to p2p-node, which keeps the peers' scores. */
export class ServingReports {
  readonly #ended: ReturnType<Metrics['counter']>;

  constructor(
    metrics: Metrics,
    private readonly bus: Pick<Bus, 'signal'>,
  ) {
    this.#ended = metrics.counter({
      name: 'allibrary_served_streams_ended_total',
      help: 'Streams of peers that this node ended: the peer violated the protocol, or nothing moved for too long.',
      labelNames: ['reason'],
    });
    for (const reason of REASONS) this.#ended.inc({ reason }, 0);
  }

  /** An idle stream is no misbehaviour: a line may break without a word. */
  ended(peerId: string, reason: StreamEnd): void {
    this.#ended.inc({ reason });
    if (reason === 'violation') this.bus.signal(PeerOffended, { peerId });
  }
}
