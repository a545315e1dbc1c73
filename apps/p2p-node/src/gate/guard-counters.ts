import type { Metrics } from '@allibrary/platform';
import { REFUSALS, type Refusal } from './connection-gate.ts';
import { MISBEHAVIOURS, type Misbehaviour } from './peer-score.ts';
import { STREAM_REFUSALS, type StreamRefusal } from './stream-refusals.ts';

/** Counters of the guard. */
export interface GuardCounters {
  readonly refused: (reason: Refusal) => void;
  readonly streamRefused: (reason: StreamRefusal) => void;
  readonly misbehaved: (kind: Misbehaviour) => void;
}

/** Registers the guard's counters. */
export function countGuard(metrics: Metrics): GuardCounters {
  const refused = metrics.counter({
    name: 'allibrary_refused_connections_total',
    help: 'Connections that were refused, and addresses that were not dialled, by reason.',
    labelNames: ['reason'],
  });
  for (const reason of REFUSALS) refused.inc({ reason }, 0);
  const streams = metrics.counter({
    name: 'allibrary_refused_streams_total',
    help: 'Streams of peers that were refused or ended because of a limit, by reason.',
    labelNames: ['reason'],
  });
  for (const reason of STREAM_REFUSALS) streams.inc({ reason }, 0);
  const misbehaviours = metrics.counter({
    name: 'allibrary_peer_offences_total',
    help: 'Misbehaviour of peers, by kind.',
    labelNames: ['offence'],
  });
  for (const kind of Object.keys(MISBEHAVIOURS)) misbehaviours.inc({ offence: kind }, 0);
  return {
    refused: (reason) => refused.inc({ reason }),
    streamRefused: (reason) => streams.inc({ reason }),
    misbehaved: (kind) => misbehaviours.inc({ offence: kind }),
  };
}
