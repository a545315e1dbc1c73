import { type Settled, describeError } from '@allibrary/messaging';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';

const OUTCOMES = ['ack', 'retry', 'bury'] as const;

/** Counts and logs what becomes of a service's messages. */
export function observeMessages(metrics: Metrics, logger: Logger) {
  const messages = metrics.counter({
    name: 'allibrary_messages_total',
    help: 'Events that this service settled, by what became of them.',
    labelNames: ['outcome'],
  });
  for (const outcome of OUTCOMES) messages.inc({ outcome }, 0);
  const seconds = metrics.histogram({
    name: 'allibrary_message_handling_seconds',
    help: 'How long a handler took for one event.',
    labelNames: ['subject'],
    buckets: [0.005, 0.025, 0.1, 0.5, 2, 10, 60, 300],
  });
  const retried = logger.sums('warn', { what: 'events failed and are retried', isUrgent: true });
  return {
    onSettled: ({ subject, fact, settlement, durationMs, attempt, error }: Settled) => {
      messages.inc({ outcome: settlement });
      seconds.observe({ subject }, durationMs / 1_000);
      if (settlement === 'ack') logger.debug({ subject, fact, attempt, durationMs }, 'event handled');
      if (settlement === 'retry')
        retried.add(
          subject,
          { subject, fact, attempt, error: describeError(error) },
          `handling of ${subject} failed, retrying`,
        );
      if (settlement === 'bury')
        logger.error(
          { subject, fact, attempt, error: describeError(error) },
          `${subject} failed too often and was moved to the dead letters`,
        );
    },
    onRepairFailure: (error: unknown) =>
      logger.warn({ error: describeError(error) }, 'streams and consumers could not be repaired yet, retrying'),
    onInternalFailure: (subject: string, error: unknown) =>
      logger.error(
        { subject, error: describeError(error), stack: error instanceof Error ? error.stack : undefined },
        `${subject} could not be answered`,
      ),
  };
}
