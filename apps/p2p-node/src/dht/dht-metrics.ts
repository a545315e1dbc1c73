import type { Metrics } from '@allibrary/platform';
import type { OnRecords } from './announcer.ts';
import { type OnRecordOffence, RECORD_OFFENCES } from './kad-storage.ts';
import type { SelfCheck } from './self-check.ts';
import type { Libp2pHost } from '../network/libp2p-host.ts';

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

/** Shows what this node keeps for the DHT, and how its own documents can be found there. */
export function observeDht(host: Libp2pHost, selfCheck: SelfCheck, metrics: Metrics): void {
  metrics.gauge({
    name: 'allibrary_dht_records',
    help: 'Provider records that this node keeps for others.',
    collect() {
      this.set(host.services.records.size);
    },
  });
  metrics.gauge({
    name: 'allibrary_dht_sampled_documents',
    help: 'Announced documents that the latest self-check asked the network for, by whether it named this node.',
    labelNames: ['result'],
    collect() {
      const { sampled, found } = selfCheck.latest ?? { sampled: 0, found: 0 };
      this.set({ result: 'found' }, found);
      this.set({ result: 'missed' }, sampled - found);
    },
  });
  metrics.gauge({
    name: 'allibrary_last_dht_check_timestamp_seconds',
    help: 'When the latest self-check ended, in seconds since 1970; 0 when there was none yet.',
    collect() {
      this.set((selfCheck.latest?.checkedAtMs ?? 0) / 1_000);
    },
  });
}
