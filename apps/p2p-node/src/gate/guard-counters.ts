import type { Metrics } from '@allibrary/platform';
import { REFUSALS, type Refusal } from './connection-gate.ts';
import { MISBEHAVIOURS, type Misbehaviour } from './peer-score.ts';
import { STREAM_REFUSALS, type StreamRefusal } from '../streams/stream-gate.ts';

/** What the guard counts. */
export interface GuardCounters {
  readonly refused: (reason: Refusal) => void;
  readonly streamRefused: (reason: StreamRefusal) => void;
  readonly misbehaved: (kind: Misbehaviour) => void;
}

/** Registers the guard's counters. */
export function countGuard(metrics: Metrics): GuardCounters {
  const refused = metrics.counter({
    name: 'allibrary_refused_connections_total',
    help: 'Connections that were not let in, and addresses that were not dialled, by the reason.',
    labelNames: ['reason'],
  });
  for (const reason of REFUSALS) refused.inc({ reason }, 0);
  const streams = metrics.counter({
    name: 'allibrary_refused_streams_total',
    help: 'Streams of peers that were refused or ended because of a limit, by the reason.',
    labelNames: ['reason'],
  });
  for (const reason of STREAM_REFUSALS) streams.inc({ reason }, 0);
  const misbehaviours = metrics.counter({
    name: 'allibrary_peer_offences_total',
    help: 'What peers did that no honest peer does.',
    labelNames: ['offence'],
  });
  for (const offence of Object.keys(MISBEHAVIOURS)) misbehaviours.inc({ offence }, 0);
  return {
    refused: (reason) => refused.inc({ reason }),
    streamRefused: (reason) => streams.inc({ reason }),
    misbehaved: (offence) => misbehaviours.inc({ offence }),
  };
}
