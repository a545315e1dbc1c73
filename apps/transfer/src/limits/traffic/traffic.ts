import type { Metrics } from '@allibrary/platform';
import { RateMeter } from './rate-meter.ts';
import type { TrafficLedger } from './traffic-ledger.ts';
import type { Direction } from '../fair/throttle.ts';

/** Counts the document bytes that flow between this process and the node's peers. */
export class Traffic {
  readonly #meters: Record<Direction, RateMeter> = { received: new RateMeter(), sent: new RateMeter() };
  readonly #bytes;

  constructor(
    metrics: Metrics,
    private readonly ledger: TrafficLedger,
    private readonly now: () => number,
  ) {
    this.#bytes = metrics.counter({
      name: 'allibrary_transferred_bytes_total',
      help: 'Document bytes that this node received from peers or sent to them.',
      labelNames: ['direction'],
    });
    for (const direction of ['received', 'sent']) this.#bytes.inc({ direction }, 0);
  }

  /** Counts bytes that have just flowed. */
  count(direction: Direction, bytes: number): void {
    this.#meters[direction].add(bytes, this.now());
    this.#bytes.inc({ direction }, bytes);
    this.ledger.count(direction, bytes);
  }

  /** The present rate. */
  bytesPerSecond(direction: Direction): number {
    return this.#meters[direction].bytesPerSecond(this.now());
  }
}
