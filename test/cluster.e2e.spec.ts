// Real: three nats-servers in a cluster, one whole node on them. The server that leads the stream LIBRARY is killed.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Data, FileFound } from '@allibrary/contracts';
import { Bus, backlogOf } from '@allibrary/messaging';
import { type TestNatsCluster, eventually, startNatsCluster } from '@allibrary/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Seedbox } from './support/seedbox.ts';
import { SteadyLoad } from './support/steady-load.ts';
import { storedMessages, streamInfo } from './support/stream.ts';

const EVENTS_PER_SECOND = 100;
const EVENTS = 2_000;
const UNTIL_AGREED = { timeoutMs: 60_000 };
const STREAMS = ['LIBRARY', 'TRANSFERS', 'DEAD'];

let cluster: TestNatsCluster;
let bus: Bus;
let seedbox: Seedbox;
beforeAll(async () => {
  cluster = await startNatsCluster();
  bus = await Bus.connect({ servers: cluster.urls, token: cluster.token, name: 'test' });
  seedbox = await Seedbox.start({
    environment: {
      ALLIBRARY_NATS_URL: cluster.urls,
      ALLIBRARY_NATS_TOKEN: cluster.token,
      ALLIBRARY_NATS_REPLICAS: '3',
    },
  });
});
afterAll(async () => {
  expect(await seedbox?.stop()).toBe(0);
  await bus?.close();
  await cluster?.stop();
});

test('every stream is kept on three servers', async () => {
  const kept = await Promise.all(STREAMS.map(async (name) => (await streamInfo(bus, name)).config.num_replicas));
  expect(kept).toEqual([3, 3, 3]);
});

test('the leader is killed under load: nothing is lost, no service is restarted, the server catches up', async () => {
  const before = await pids();
  const load = new SteadyLoad(bus, EVENTS, EVENTS_PER_SECOND);
  const running = load.run();
  await eventually(() => load.stored >= EVENTS / 4, UNTIL_AGREED);
  const leader = await leaderOf('LIBRARY');
  await cluster.kill(leader);
  await writeFile(join(seedbox.library, 'in-the-pause.txt'), 'Written while nobody led: quokka.');
  await running;

  expect(load.failures).toEqual([]);
  await eventually(async () => expect(await storedPaths()).toEqual(load.paths), UNTIL_AGREED);
  await eventually(async () => (await backlogOf(bus, 'transfer', FileFound)) === 0, UNTIL_AGREED);
  await seedbox.documentOf('in-the-pause.txt', UNTIL_AGREED.timeoutMs);
  await eventually(async () => (await seedbox.search('quokka', 'local')).results.length === 1, UNTIL_AGREED);
  await eventually(areAllReady, UNTIL_AGREED);
  expect(await pids()).toEqual(before);
  expect((await streamInfo(bus, 'DEAD')).state.messages).toBe(0);
  console.log(`The leader was killed: for ${(load.longestPauseMs / 1_000).toFixed(1)} s nothing was stored.`);

  await cluster.revive(leader);
  await eventually(async () => {
    const { replicas = [] } = (await streamInfo(bus, 'LIBRARY')).cluster ?? {};
    return replicas.length === 2 && replicas.every(({ current, offline }) => current && !offline);
  }, UNTIL_AGREED);
});

async function leaderOf(stream: string): Promise<string> {
  const leader = (await streamInfo(bus, stream)).cluster?.leader;
  if (!leader) throw new Error(`${stream} has no leader`);
  return leader;
}

/** The paths of the load that the stream holds; one that it holds twice is there twice. */
const storedPaths = async (): Promise<string[]> =>
  (await storedMessages<Data<typeof FileFound>>(bus, 'LIBRARY', FileFound.subject))
    .map(({ path }) => path)
    .filter((path) => path.startsWith('load/'))
    .toSorted();

const pids = async (): Promise<number[]> => Object.values((await seedbox.state()).programs).map(({ pid }) => pid);

async function areAllReady(): Promise<boolean> {
  const { programs } = await seedbox.state();
  const answers = await Promise.all(
    Object.values(programs).map(async ({ httpUrl }) => !httpUrl || (await fetch(`${httpUrl}/health/ready`)).ok),
  );
  return answers.every(Boolean);
}
