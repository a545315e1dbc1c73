import type { JetStreamTransport } from '@allibrary/messaging';
import type { Metrics } from './metrics.ts';

/** Shows what waits for a service's handlers, and since when. While the broker is away nothing is shown. */
export function observeWaiting(metrics: Metrics, transport: Pick<JetStreamTransport, 'waiting'>): void {
  const count = metrics.gauge({
    name: 'allibrary_waiting_events',
    help: 'Events that this service has not settled yet, those in hand among them.',
    labelNames: ['subject'],
  });
  const oldest = metrics.gauge({
    name: 'allibrary_oldest_event_age_seconds',
    help: 'How long ago the oldest event was stored that this service has not settled yet; 0 when none waits.',
    labelNames: ['subject'],
  });
  metrics.beforeExposing(async () => {
    const waiting = await transport.waiting().catch(() => []);
    count.reset();
    oldest.reset();
    for (const { subject, ...event } of waiting) {
      count.set({ subject }, event.count);
      oldest.set({ subject }, event.oldestAgeMs / 1_000);
    }
  });
}
