import type { Settings } from '@allibrary/messaging';
import type { Foundations, ReadModel } from '@allibrary/platform';
import type { ReplicaLife } from '../downloads/compose-downloads.ts';
import { FairThrottle } from './fair/fair-throttle.ts';
import { observeLimits } from './limit-metrics.ts';
import { NodeLimits } from './node-limits.ts';
import { Replicas } from './replicas.ts';
import { Traffic } from './traffic/traffic.ts';
import { TrafficLedger } from './traffic/traffic-ledger.ts';

/** Builds the limits of the node, and this replica's share of them. */
export function composeLimits(model: ReadModel, settings: Settings, foundations: Foundations, life: ReplicaLife) {
  const { bus, logger, metrics } = foundations;
  const { replica, now, clock } = life;
  const throttle = new FairThrottle(clock);
  const ledger = new TrafficLedger(model, replica);
  const traffic = new Traffic(metrics, ledger, clock);
  const replicas = new Replicas(replica, clock);
  const limits = new NodeLimits({ settings, bus, throttle, traffic, ledger, replicas, logger }, now, clock);
  observeLimits(metrics, limits, throttle);
  return { throttle, ledger, traffic, limits };
}
