import { expect, test } from 'vitest';
import { logNamedPeerFailure } from './named-peer-log.ts';

test('a bootstrap peer that never answers is logged at once with its reason, and then less and less often', () => {
  const logged: (object | string)[] = [];
  const logger = { warn: (fields: object | string) => void logged.push(fields) };
  for (let failures = 1; failures <= 100; failures++)
    logNamedPeerFailure(logger, '/ip4/192.0.2.1/tcp/6881', failures, 'no route');
  expect(logged.map((fields) => (fields as { failures: number }).failures)).toEqual([1, 4, 16, 64]);
  expect(logged[0]).toEqual({ target: '/ip4/192.0.2.1/tcp/6881', failures: 1, error: 'no route' });
});
