// Real: everything. Whole nodes on loopback that search and download, while a crowd of strangers in a process of its own does
// them harm at random. The seed decides what the crowd does. ALLIBRARY_SOAK_MINUTES=30 runs the long form instead of 20 s.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { eventually } from '@allibrary/testing';
import { afterEach, expect, test } from 'vitest';
import { HonestProber } from './support/honest-prober.ts';
import { refusals } from './support/refusals.ts';
import { Seedbox } from './support/seedbox.ts';

const SEED = Number(process.env['ALLIBRARY_TEST_SEED'] ?? randomInt(1_000_000));
const MINUTES = Number(process.env['ALLIBRARY_SOAK_MINUTES'] ?? 0);
const IS_LONG = MINUTES > 0;
const [NODES, STRANGERS, SECONDS] = IS_LONG ? [5, 30, MINUTES * 60] : [2, 6, 20];
const CROWD = resolve(import.meta.dirname, 'support/hostile-crowd.ts');
/** Memory is compared with that at the end of this time, in which caches fill. */
const WARM_UP_SECONDS = 300;
const MOST_GROWTH = 1.25;
const SPARE_MIB = 64;
const PATIENT = { timeoutMs: 120_000 };
const running: Seedbox[] = [];
const cleanUps: (() => unknown)[] = [];

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') for (const node of running) console.log(await node.warnings());
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
  for (const seedbox of running.splice(0)) expect(await seedbox.stop()).toBe(0);
});

async function startNodes(): Promise<Seedbox[]> {
  const first = await Seedbox.start();
  running.push(first);
  const bootstrap = [await first.address()];
  const others = await Promise.all(Array.from({ length: NODES - 1 }, () => Seedbox.start({ bootstrap })));
  running.push(...others);
  await first.meets(NODES - 1);
  return [first, ...others];
}

async function startCrowd(targets: readonly string[]): Promise<ChildProcess> {
  const crowd = fork(CROWD, [String(SEED), String(STRANGERS), ...targets]);
  cleanUps.push(() => crowd.kill('SIGKILL'));
  await once(crowd, 'message');
  return crowd;
}

/** One node shares a new document; another one finds it by a word in it, and downloads it. */
async function shareAndFetch(from: Seedbox, to: Seedbox, round: number): Promise<void> {
  const word = `heron${round}e`;
  await writeFile(join(from.library, `round-${round}.txt`), `the ${word} of the lake ${'reed '.repeat(10_000)}`);
  const found = await eventually(async () => (await to.search(word, 'network')).results[0], PATIENT);
  await to.completed((await to.download(found.documentId)).id);
}

/** Process id of each program of each node. */
const pidsOf = (nodes: readonly Seedbox[]) =>
  Promise.all(
    nodes.map(async (node) =>
      Object.fromEntries(Object.entries((await node.state()).programs).map(([name, { pid }]) => [name, pid])),
    ),
  );

/** Resident memory of each program, in MiB. */
const memoryOf = (pids: readonly Record<string, number>[]) =>
  pids.map((ofNode) => Object.fromEntries(Object.entries(ofNode).map(([name, pid]) => [name, residentMib(pid)])));

const residentMib = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;

test('a crowd of strangers stops no node: documents are found and fetched, questions answered, attacks refused', {
  timeout: (SECONDS + 600) * 1_000,
}, async () => {
  console.log(`ALLIBRARY_TEST_SEED=${SEED}`);
  const nodes = await startNodes();
  const pids = await pidsOf(nodes);
  const addresses = await Promise.all(nodes.map((node) => node.address()));
  const probers = await Promise.all(addresses.map((address) => HonestProber.start(address)));
  for (const prober of probers) cleanUps.push(() => prober.stop());
  const crowd = await startCrowd(addresses);

  const from = performance.now();
  const seconds = () => (performance.now() - from) / 1_000;
  let warm: ReturnType<typeof memoryOf> | undefined;
  let round = 0;
  for (; seconds() < SECONDS; round++) {
    await shareAndFetch(nodes[round % NODES] as Seedbox, nodes[(round + 1) % NODES] as Seedbox, round);
    if (IS_LONG && seconds() > WARM_UP_SECONDS) warm ??= memoryOf(pids);
  }
  const memory = memoryOf(pids);
  const refused = await Promise.all(nodes.map(refusals));
  expect(crowd.exitCode).toBeNull();
  crowd.kill('SIGKILL');

  for (const prober of probers) console.log(`${prober.tookMs.length} answers, p99 ${prober.p99Ms.toFixed(0)} ms`);
  console.log(`${round} documents fetched; memory in MiB: ${JSON.stringify(memory)}`);
  expect(round).toBeGreaterThan(0);
  for (const ofNode of refused) expect(ofNode).not.toEqual([]);
  expect(await pidsOf(nodes)).toEqual(pids);
  for (const { failures, tookMs } of probers) {
    expect(failures).toEqual([]);
    expect(tookMs.length).toBeGreaterThan(0);
  }
  for (const [node, ofNode] of (warm ?? []).entries())
    for (const [name, mib] of Object.entries(ofNode))
      expect(memory[node]?.[name], `${name} of node ${node}`).toBeLessThan(mib * MOST_GROWTH + SPARE_MIB);
});
