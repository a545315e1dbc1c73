import type { Metrics } from '@allibrary/platform';
import type { CountBytes } from '../carrier/splice.ts';
import type { OnRecords } from '../dht/announcing/record-sender.ts';
import { type OnRecordRefused, RECORD_REFUSALS } from '../dht/keeping/kad-storage.ts';
import { type GuardCounters, countGuard } from '../gate/guard-counters.ts';
import { HAVE, SEARCH } from '../protocols/library-protocols.ts';
import { PEERS } from '../protocols/peers-protocol.ts';
import { type CountQuestion, countQuestions } from '../questions/peer-services.ts';

/** What the parts of a network count. The counters belong to the process: they survive the network. */
export interface NetworkCounters {
  readonly guard: GuardCounters;
  readonly recordsSent: OnRecords;
  readonly recordsRefused: OnRecordRefused;
  readonly searches: (result: 'answered' | 'failed') => void;
  readonly questions: CountQuestion;
  readonly refusedQuestions: (protocol: string) => void;
  readonly carriedBytes: CountBytes;
  readonly prunedPeers: () => void;
}

/** Registers the counters, once per process. */
export const networkCounters = (metrics: Metrics): NetworkCounters => ({
  guard: countGuard(metrics),
  recordsSent: countRecords(metrics),
  recordsRefused: countRefusedRecords(metrics),
  searches: countSearches(metrics),
  questions: countQuestions(metrics),
  refusedQuestions: countRefusedQuestions(metrics),
  carriedBytes: countCarriedBytes(metrics),
  prunedPeers: countPrunedPeers(metrics),
});

function countSearches(metrics: Metrics): NetworkCounters['searches'] {
  const searches = metrics.counter({
    name: 'allibrary_peer_searches_total',
    help: 'Searches that this node asked of peers, each peer counted, by what came of them.',
    labelNames: ['result'],
  });
  for (const result of ['answered', 'failed']) searches.inc({ result }, 0);
  return (result) => searches.inc({ result });
}

/** Counts the questions of this node that peers refused to answer. */
function countRefusedQuestions(metrics: Metrics): NetworkCounters['refusedQuestions'] {
  const refused = metrics.counter({
    name: 'allibrary_refused_questions_total',
    help: 'Questions of this node that peers refused to answer, by protocol.',
    labelNames: ['protocol'],
  });
  for (const { protocol } of [HAVE, SEARCH, PEERS]) refused.inc({ protocol }, 0);
  return (protocol) => refused.inc({ protocol });
}

function countCarriedBytes(metrics: Metrics): CountBytes {
  const bytes = metrics.counter({
    name: 'allibrary_carried_bytes_total',
    help: 'Bytes of transfer that passed between this node and its peers.',
    labelNames: ['direction'],
  });
  for (const direction of ['in', 'out']) bytes.inc({ direction }, 0);
  return (direction, count) => bytes.inc({ direction }, count);
}

function countPrunedPeers(metrics: Metrics): () => void {
  const pruned = metrics.counter({
    name: 'allibrary_peers_let_go_total',
    help: 'Peers whose connection was closed because there were more than wanted.',
  });
  return () => pruned.inc();
}

/** Counts the records that this node sends to others. */
function countRecords(metrics: Metrics): OnRecords {
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

/** Counts the provider records whose sender was disconnected for them. */
function countRefusedRecords(metrics: Metrics): OnRecordRefused {
  const refusals = metrics.counter({
    name: 'allibrary_dht_record_offences_total',
    help: 'Provider records that were refused and cost their sender the connection, by reason.',
    labelNames: ['reason'],
  });
  for (const reason of RECORD_REFUSALS) refusals.inc({ reason }, 0);
  return (_, reason) => refusals.inc({ reason });
}
