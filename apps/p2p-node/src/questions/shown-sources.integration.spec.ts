// Real: three libp2p hosts over loopback with the DHT that they form. No host serves `have`, so only the DHT names sources.
// Stands in: the logger.
import { setImmediate } from 'node:timers/promises';
import type { Logger } from '@allibrary/platform';
import { eventually } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DhtLookups } from '../dht/dht-lookups.ts';
import { PacedQuestions } from '../protocols/paced-questions.ts';
import { DHT_LOOKUP_LIMITS } from '../protocols/protocol-limits.ts';
import { documentNamed, senderOf, startDht } from '../testing/dht.ts';
import { type TestHost, removeTestHost } from '../testing/hosts.ts';
import { LibraryPeers } from './library-peers.ts';
import { type ShownSource, ShownSources } from './shown-sources.ts';

const never = new AbortController().signal;
const logger = { debug() {} } as unknown as Logger;
const { documentId, key } = documentNamed('held by the second host');
let hosts: TestHost[];
let lookups: DhtLookups;
let sources: ShownSources;
let expected: ShownSource[];

beforeEach(async () => {
  hosts = await startDht(3);
  const [{ host }, holder, keeper] = hosts as [TestHost, TestHost, TestHost];
  await senderOf(holder).send(keeper.host.peerId, [key], never);
  expected = [{ peerId: holder.host.peerId.toString(), documentIds: [documentId], isConfirmed: false }];
  const now = () => performance.now();
  lookups = new DhtLookups(host, now);
  sources = new ShownSources(host, new LibraryPeers(host, new PacedQuestions(now), () => {}), lookups, logger);
});
afterEach(async () => {
  await Promise.all(hosts.map(removeTestHost));
});

async function find(signal = never): Promise<ShownSource[]> {
  const found: ShownSource[] = [];
  for await (const source of sources.find([documentId], signal)) found.push(source);
  return found;
}
const takeAllTurns = () => Promise.all(Array.from({ length: DHT_LOOKUP_LIMITS.streams }, () => lookups.turn(never)));
const watchQueries = () => vi.spyOn((hosts[0] as TestHost).host.contentRouting, 'findProviders');

test('a lookup waits for its turn among all lookups of this node; one whose search ends before is not sent', async () => {
  const queries = watchQueries();
  const turns = await takeAllTurns();
  const turn = vi.spyOn(lookups, 'turn');
  const search = new AbortController();
  const waiting = find(search.signal);
  await eventually(() => turn.mock.calls.length === 1);
  search.abort();
  expect(await waiting).toEqual([]);
  for (const release of turns) release();
  expect(queries).not.toHaveBeenCalled();
  expect(await find()).toEqual(expected);
});

test('a lookup that has started continues after its search, and the next search uses its result', async () => {
  const queries = watchQueries();
  const search = new AbortController();
  const first = find(search.signal);
  await eventually(() => queries.mock.calls.length === 1);
  search.abort();
  await first;
  await takeAllTurns(); // the lookup has ended
  await setImmediate();
  expect(await find(AbortSignal.timeout(5_000))).toEqual(expected);
  expect(queries).toHaveBeenCalledOnce();
});
