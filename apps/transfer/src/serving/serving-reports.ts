import { PeerOffended } from '@allibrary/contracts';
import type { Bus } from '@allibrary/messaging';
import type { Metrics } from '@allibrary/platform';
import { STREAM_ENDS, type StreamEnd } from './stream-limits.ts';

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
    for (const reason of STREAM_ENDS) this.#ended.inc({ reason }, 0);
  }

  /** Counts an ended stream. An idle one is not misbehaviour: a connection may break silently. */
  ended(peerId: string, reason: StreamEnd): void {
    this.#ended.inc({ reason });
    if (reason === 'violation') this.bus.signal(PeerOffended, { peerId, kind: reason });
  }
}
