import type { Connection } from '@libp2p/interface';
import { addressOf } from '../addresses/address.ts';
import { limitKeysOf } from './limit-keys.ts';

type Candidate = Pick<Connection, 'remoteAddr' | 'streams' | 'timeline'>;

/**
 * The connection to close first when there are too many: of the subnet with most of them, an idle one before a busy one,
 * the oldest before the others.
 */
export function leastMissed<T extends Candidate>(connections: readonly T[]): T | undefined {
  const groups = Map.groupBy(connections, ({ remoteAddr }) => limitKeysOf(addressOf(remoteAddr))?.subnet ?? '');
  const largest = [...groups.values()].reduce<T[]>((a, b) => (b.length > a.length ? b : a), []);
  return largest.toSorted((a, b) => Number(isBusy(a)) - Number(isBusy(b)) || a.timeline.open - b.timeline.open)[0];
}

const isBusy = ({ streams }: Candidate): boolean => streams.length > 0;
