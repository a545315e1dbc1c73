import type { Connection } from '@libp2p/interface';
import { subnetKeyOf } from './limit-keys.ts';

type Candidate = Pick<Connection, 'remoteAddr' | 'streams' | 'timeline'>;

/**
 * Returns the connection to close first when there are too many: in the subnet with most of them, an idle one before a
 * busy one, the oldest before the others.
 */
export function leastMissed<T extends Candidate>(connections: readonly T[]): T | undefined {
  const groups = Map.groupBy(connections, ({ remoteAddr }) => subnetKeyOf(remoteAddr) ?? '');
  const largest = [...groups.values()].reduce<T[]>((a, b) => (b.length > a.length ? b : a), []);
  return largest.toSorted((a, b) => Number(isBusy(a)) - Number(isBusy(b)) || a.timeline.open - b.timeline.open)[0];
}

const isBusy = ({ streams }: Candidate): boolean => streams.length > 0;
