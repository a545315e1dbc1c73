import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TempFolder, eventually, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { busProblem } from '../bus/bus-probe.ts';
import type { NodeState } from './node-file.ts';
import { type NodePrograms, NodeRunner } from './node-runner.ts';
import { TIMES } from '../services/readiness-watch.ts';
import { tinyPrograms } from '../testing/tiny-programs.ts';

let folder: TempFolder;
let endings: string;
let programs: NodePrograms;
let runner: NodeRunner;
let said: string[];

const stateFile = () => join(folder.path, 'run', 'node.json');
const state = () => JSON.parse(readFileSync(stateFile(), 'utf8')) as NodeState;
const call = (path: string) => fetch(`${programs.services[0]?.httpUrl}${path}`);

beforeEach(async () => {
  folder = await tempFolder();
  endings = join(folder.path, 'endings');
  programs = await tinyPrograms(folder.path, { endings, frozen: join(folder.path, 'frozen') });
  said = [];
  runner = new NodeRunner(programs, folder.path, (line) => said.push(line));
  await runner.start(AbortSignal.timeout(30_000));
});
afterEach(async () => {
  await runner.stop();
  await folder.remove();
});

test('when it has started, every service is ready, and a file says where it is', async () => {
  expect(await Promise.all(programs.services.map(async ({ httpUrl }) => (await fetch(httpUrl)).status))).toEqual([
    200, 200,
  ]);
  expect(state()).toMatchObject({ pid: process.pid, httpUrl: programs.services[1]?.httpUrl });
  expect(Object.keys(state().programs)).toEqual(['nats-server', 'first', 'gateway']);
  expect(statSync(stateFile()).mode & 0o777).toBe(0o600);
  expect(said).toEqual([]);
});

test('people reach the bus with all rights by an address in a file of their own', async () => {
  const file = join(folder.path, 'run', 'nats-url');
  const { username, password, host } = new URL(readFileSync(file, 'utf8').trim());
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const operator = { name: username, password };
  await eventually(
    async () => (await busProblem({ url: `nats://${host}`, operator, limitMs: 5_000, isWriting: false })) === null,
  );
  await runner.stop();
  expect(existsSync(file)).toBe(false);
});

test('a service that crashes is named with its log, and started again', async () => {
  const before = state().programs['first']?.pid;
  await expect(call('/crash')).rejects.toThrow('fetch failed');
  await eventually(async () => (await call('/')).ok);
  expect(said).toEqual([
    `first ended with code 3; it is started again in 0.2 s. Its log: ${join(folder.path, 'logs', 'first.log')}`,
  ]);
  expect(state().programs['first']?.pid).not.toBe(before);
});

test('a killed nats-server is started again on its port', async () => {
  const before = state().programs['nats-server']?.pid ?? 0;
  process.kill(before, 'SIGKILL');
  await eventually(() => state().programs['nats-server']?.pid !== before);
  expect(said[0]).toMatch(/^nats-server was ended by SIGKILL; it is started again in 0.2 s/);
});

test('a service that is not ready does not stop the node: the reason is printed, and when it is over', async () => {
  await runner.stop();
  said = [];
  const times = { ...TIMES, lookEvery: 100, startLimit: 500 };
  runner = new NodeRunner(programs, folder.path, (line) => said.push(line), times);
  writeFileSync(join(folder.path, 'frozen'), '');
  await runner.start(AbortSignal.timeout(30_000));
  expect(said).toEqual(['first is not ready: the collection is frozen; the bus cannot store']);
  expect(state().httpUrl).toBe(programs.services[1]?.httpUrl);
  rmSync(join(folder.path, 'frozen'));
  await eventually(() => said.length > 1);
  expect(said[1]).toBe('first is ready again.');
});

test('a service that hangs is reported and restarted, and the node works again', async () => {
  await runner.stop();
  said = [];
  const times = { ...TIMES, lookEvery: 100, answerLimit: 300, hungAfter: 1_000 };
  runner = new NodeRunner(programs, folder.path, (line) => said.push(line), times);
  await runner.start(AbortSignal.timeout(30_000));
  const before = state().programs['first']?.pid ?? 0;
  process.kill(before, 'SIGSTOP');
  await eventually(() => said.includes('first is ready again.'), { timeoutMs: 30_000 });
  expect(said.slice(0, 3)).toEqual([
    expect.stringMatching(/^first is not ready: it does not answer /),
    'first has not answered its health checks for 1 s: it hangs and is restarted.',
    `first was ended by SIGKILL; it is started again in 0.2 s. Its log: ${join(folder.path, 'logs', 'first.log')}`,
  ]);
  expect(existsSync(`/proc/${before}`)).toBe(false);
  expect((await call('/')).ok).toBe(true);
});

test('warnings are shown, and the log has everything', async () => {
  await call('/warn');
  await eventually(() => said.length > 0);
  expect(said).toEqual(['first: the disk is slow']);
  const log = readFileSync(join(folder.path, 'logs', 'first.log'), 'utf8');
  expect(log).toMatch(/"msg":"runs"[^]*"msg":"the disk is slow"/);
});

test('it stops what it started last first, and leaves no process', async () => {
  const { programs: started } = state();
  await runner.stop();
  expect(readFileSync(endings, 'utf8')).toBe('gateway\nfirst\n');
  expect(existsSync(stateFile())).toBe(false);
  for (const { pid } of Object.values(started)) expect(existsSync(`/proc/${pid}`)).toBe(false);
  expect(said).toEqual([]);
});

test('a service that refuses to start ends the start at once, and is named with its log', async () => {
  const other = await tempFolder();
  const { nats, services } = await tinyPrograms(other.path);
  const refusing = services.map((service) =>
    service.name === 'first' ? { ...service, args: ['--eval', 'process.exit(2)'] } : service,
  );
  const refused = new NodeRunner({ nats, services: refusing }, other.path, () => {});
  await expect(refused.start(AbortSignal.timeout(30_000))).rejects.toThrow(
    `first refuses to start until you have changed what it reports above. Its log: ${join(other.path, 'logs', 'first.log')}`,
  );
  await refused.stop();
  await other.remove();
});
