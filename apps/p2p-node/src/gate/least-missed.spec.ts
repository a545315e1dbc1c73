import type { Connection } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { expect, test } from 'vitest';
import { leastMissed } from './least-missed.ts';

const connection = (host: string, open: number, streams = 0) => ({
  remoteAddr: multiaddr(`/ip4/${host}/tcp/1`),
  timeline: { open },
  streams: Array.from({ length: streams }) as Connection['streams'],
});

test('in the fullest subnet an idle connection is closed before a busy one, the oldest first', () => {
  const alone = connection('198.51.100.1', 1);
  const busy = connection('192.0.2.1', 2, 1);
  const [older, newer] = [connection('192.0.2.2', 3), connection('192.0.2.3', 4)];
  expect(leastMissed([alone, newer, busy, older])).toBe(older);
  expect(leastMissed([alone, busy, connection('192.0.2.4', 5, 1)])).toBe(busy);
  expect(leastMissed([alone])).toBe(alone);
  expect(leastMissed([])).toBeUndefined();
});
