import type { Metrics } from '@allibrary/platform';
import type { OnRecords } from './announcer.ts';

/** Counts the records that this node sends to others. */
export function countRecords(metrics: Metrics): OnRecords {
  const records = metrics.counter({
    name: 'allibrary_dht_records_sent_total',
    help: 'Provider records sent to nodes of the DHT, by whether they took them.',
    labelNames: ['result'],
  });
  for (const result of ['taken', 'failed']) records.inc({ result }, 0);
  return (sent, taken) => {
    records.inc({ result: 'taken' }, taken);
    records.inc({ result: 'failed' }, sent - taken);
  };
}
