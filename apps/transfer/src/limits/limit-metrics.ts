import type { Metrics } from '@allibrary/platform';
import type { Direction } from './fair/throttle.ts';
import type { FairThrottle } from './fair/fair-throttle.ts';
import type { NodeLimits } from './node-limits.ts';

const DIRECTIONS: readonly Direction[] = ['received', 'sent'];

/** Shows the limits, what waits for them, and the month's traffic. */
export function observeLimits(metrics: Metrics, limits: NodeLimits, throttle: FairThrottle): void {
  const gauge = (name: string, help: string, valueOf: (direction: Direction) => number) =>
    metrics.gauge({
      name,
      help,
      labelNames: ['direction'],
      collect() {
        for (const direction of DIRECTIONS) this.set({ direction }, valueOf(direction));
      },
    });
  gauge('allibrary_limit_bytes_per_second', "The node's limit that is in force; +Inf is none.", (direction) => {
    const { downloadBytesPerSecond, uploadBytesPerSecond } = limits.inForce;
    return (direction === 'received' ? downloadBytesPerSecond : uploadBytesPerSecond) ?? Number.POSITIVE_INFINITY;
  });
  gauge('allibrary_share_bytes_per_second', "This process' share of the limit; +Inf is no limit.", (direction) =>
    throttle.bytesPerSecond(direction),
  );
  gauge('allibrary_throttled_bytes', 'Bytes that wait in this process for their turn within the limit.', (direction) =>
    throttle.waitingBytes(direction),
  );
  gauge(
    'allibrary_month_bytes',
    'Document bytes of this month, of all replicas.',
    (direction) => limits.used[direction],
  );
  metrics.gauge({
    name: 'allibrary_budget_bytes',
    help: "The month's budget; +Inf is none.",
    collect() {
      this.set(limits.report().month.budgetBytes ?? Number.POSITIVE_INFINITY);
    },
  });
  metrics.gauge({
    name: 'allibrary_budget_counted_bytes',
    help: 'The bytes of this month that count for the budget.',
    collect() {
      this.set(limits.report().month.countedBytes);
    },
  });
}
