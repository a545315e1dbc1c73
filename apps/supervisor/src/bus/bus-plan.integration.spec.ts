// Real: nats-server with the configuration that `npm start` gives it, the kernel's locks, processes.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUS_SERVICES } from '@allibrary/contracts';
import { type TempFolder, eventually, tempFolder } from '@allibrary/testing';
import { connect } from '@nats-io/transport-node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type BusPlan, natsConfig, planNats } from './bus-plan.ts';
import { busProblem } from './bus-probe.ts';
import { watchBus } from './bus-watch.ts';
import { findNatsServer } from '../nats-server/nats-server.ts';
import { FreePorts } from '../setup/ports.ts';
import { lockHolder } from './store-lock.ts';
import { Supervised } from '../services/supervision.ts';

let folder: TempFolder;
let running: Supervised[];
let strays: ChildProcess[];
let said: string[];

beforeEach(async () => {
  folder = await tempFolder();
  [running, strays, said] = [[], [], []];
});
afterEach(async () => {
  await Promise.all(running.map((each) => each.stop()));
  for (const stray of strays) stray.kill('SIGKILL');
  await folder.remove();
});

const plan = async () => planNats(await findNatsServer(), folder.path, await new FreePorts().take());
const answers = (bus: BusPlan) =>
  eventually(async () => (await busProblem({ ...bus, limitMs: 5_000, isWriting: false })) === null, {
    timeoutMs: 20_000,
  });

function run({ program }: BusPlan): Supervised {
  const supervised = new Supervised(program, {
    onLine: () => {},
    onStart: () => {},
    onDeath: (name, { how }) => said.push(`${name} ${how}`),
  });
  running.push(supervised);
  supervised.start();
  return supervised;
}

test('each service gets in with its own password and nobody without one, and no password is on the disk', async () => {
  mkdirSync(join(folder.path, 'nats'));
  writeFileSync(join(folder.path, 'nats', 'token'), ''); // of an earlier version, and cut off
  const bus = await plan();
  run(bus);
  await answers(bus);
  for (const { name, password } of Object.values(bus.users))
    await (await connect({ servers: bus.url, user: name, pass: password })).close();
  for (const wrong of [{}, { token: '' }, { user: 'transfer', pass: '' }, { user: 'operator', pass: 'operator' }])
    await expect(connect({ servers: bus.url, reconnect: false, ...wrong })).rejects.toThrow(/authorization/i);

  const config = readFileSync(join(folder.path, 'nats', 'nats.conf'), 'utf8');
  for (const { password } of [...Object.values(bus.users), bus.operator]) expect(config).not.toContain(password);
  expect(statSync(join(folder.path, 'nats', 'nats.conf')).mode & 0o777).toBe(0o600);
  expect(existsSync(join(folder.path, 'nats', 'token'))).toBe(false);
  expect(Object.keys(bus.users)).toEqual([...BUS_SERVICES, 'operator']);
});

test('passwords are new at each start', async () => {
  const [one, two] = [await plan(), await plan()];
  expect(one.users.transfer.password).toMatch(/^[\w-]{32}$/);
  expect(two.users.transfer.password).not.toBe(one.users.transfer.password);
});

test.each(['', 'jetstream {'])(
  'a configuration that was damaged to %j is whole again when the server restarts',
  async (damaged) => {
    const bus = await plan();
    const server = run(bus);
    await answers(bus);
    writeFileSync(join(folder.path, 'nats', 'nats.conf'), damaged);
    await server.restart();
    await answers(bus);
    await expect(connect({ servers: bus.url, reconnect: false })).rejects.toThrow(/authorization/i);
  },
);

test('the limits of the store do not come from what is free, and a sync interval only where the server has one', () => {
  for (const hasSync of [true, false]) {
    const config = natsConfig('/the/store', hasSync);
    expect(config).toMatch(/max_file_store: 1TB, max_memory_store: 64MB/);
    expect(config.includes('sync_interval: "10s"')).toBe(hasSync);
  }
});

test('a server that hangs is killed and started again by itself', async () => {
  const bus = await plan();
  const server = run(bus);
  await answers(bus);
  const end = new AbortController();
  const lines: string[] = [];
  const times = { lookEvery: 100, answerLimit: 500, brokenAfter: 1_000, brokenAfterShortage: 1_000, startLimit: 1_000 };
  const restart = () => server.restart();
  const watching = watchBus({ ...bus, restart }, (line) => lines.push(line), end.signal, times);
  const hung = lockHolder(bus.program.lock ?? '') ?? 0;
  process.kill(hung, 'SIGSTOP');
  await eventually(() => lines.length > 0, { timeoutMs: 20_000 });
  await eventually(() => said.length > 0, { timeoutMs: 20_000 });
  expect(said[0]).toBe('nats-server was ended by SIGKILL');
  await answers(bus);
  expect(lockHolder(bus.program.lock ?? '')).not.toBe(hung);
  end.abort();
  await watching;
});

test('two servers never run on one store: one that was left over is ended first', async () => {
  const before = await plan();
  await before.program.prepare?.();
  const { command, args, environment, lock = '' } = before.program;
  const locked = ['--nonblock', '--no-fork', lock, command, ...args];
  const stray = spawn('/usr/bin/flock', locked, { env: environment, stdio: 'ignore' });
  strays.push(stray);
  const gone = once(stray, 'exit');
  await answers(before);
  expect(lockHolder(lock)).toBe(stray.pid);
  stray.kill('SIGSTOP'); // as deaf to SIGTERM as after a full disk

  const after = await plan();
  run(after);
  await answers(after);
  await gone;
  expect(lockHolder(after.program.lock ?? '')).not.toBe(stray.pid);
  expect(said).toEqual([]);
});

test('a server whose store is locked ends at once', async () => {
  const bus = await plan();
  await bus.program.prepare?.();
  const holder = spawn('/usr/bin/flock', ['--no-fork', bus.program.lock ?? '', 'sleep', '600'], { stdio: 'ignore' });
  strays.push(holder);
  await eventually(() => lockHolder(bus.program.lock ?? '') === holder.pid);
  const unprepared: BusPlan = { ...bus, program: { ...bus.program, prepare: async () => {} } };
  run(unprepared);
  await eventually(() => said.length > 0);
  expect(said[0]).toBe('nats-server ended with code 1');
});

test('a stream that answers and stores nothing is a problem of the bus, and the probe leaves nothing behind', async () => {
  const bus = await plan();
  run(bus);
  await answers(bus);
  const { operator, url } = bus;
  const connection = await connect({ servers: url, user: operator.name, pass: operator.password });
  const ask = async (what: string, question?: object) =>
    (await connection.request(`$JS.API.STREAM.${what}.FACTS`, question && JSON.stringify(question))).json<{
      state: { messages: number };
    }>();
  const stream = { name: 'FACTS', subjects: ['facts.>'], retention: 'limits', storage: 'file', discard: 'new' };
  await ask('CREATE', stream);
  const options = { url, operator, limitMs: 5_000 };
  expect(await busProblem({ ...options, isWriting: true })).toBeNull();
  expect((await ask('INFO')).state.messages).toBe(0);

  await ask('UPDATE', { ...stream, max_bytes: 1 });
  expect(await busProblem({ ...options, isWriting: false })).toBeNull();
  expect(await busProblem({ ...options, isWriting: true })).toContain('maximum bytes exceeded');
  await connection.close();
});
