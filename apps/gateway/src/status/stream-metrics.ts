import { type Bus, streamSizes } from '@allibrary/messaging';
import type { Metrics } from '@allibrary/platform';

/** Exposes the sizes of the streams; DEAD holds the dead letters. There are no values while the broker is unreachable. */
export function observeStreams(metrics: Metrics, bus: Bus): void {
  const messages = metrics.gauge({
    name: 'allibrary_stream_messages',
    help: 'Messages that each stream holds; those in DEAD were given up.',
    labelNames: ['stream'],
  });
  const bytes = metrics.gauge({
    name: 'allibrary_stream_bytes',
    help: "What each stream takes of the broker's disk.",
    labelNames: ['stream'],
  });
  metrics.beforeExposing(async () => {
    const sizes = await streamSizes(bus).catch(() => []);
    messages.reset();
    bytes.reset();
    for (const size of sizes) {
      messages.set({ stream: size.stream }, size.messages);
      bytes.set({ stream: size.stream }, size.bytes);
    }
  });
}
