import type { Metrics } from '@allibrary/platform';
import type { OnRecords } from './record-sender.ts';
import { type OnRecordOffence, RECORD_OFFENCES } from './kad-storage.ts';

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

/** Counts the peers that were dropped for what they asked this node to keep. */
export function countRecordOffences(metrics: Metrics): OnRecordOffence {
  const offences = metrics.counter({
    name: 'allibrary_dht_record_offences_total',
    help: 'Provider records that were refused and cost their sender the connection, by reason.',
    labelNames: ['reason'],
  });
  for (const reason of RECORD_OFFENCES) offences.inc({ reason }, 0);
  return (_, reason) => offences.inc({ reason });
}
