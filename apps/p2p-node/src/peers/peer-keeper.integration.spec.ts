// Real: a libp2p host with its keeper, and another host in a process of its own that is killed.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Logger } from '@allibrary/platform';
import { eventually, freePort, tempFolder } from '@allibrary/testing';
import { afterEach, expect, test } from 'vitest';
import { KnownPeers } from './known-peers.ts';
import { PeerKeeper } from './peer-keeper.ts';
import { type TestHost, removeTestHost, startTestHost } from '../testing/hosts.ts';

const logger = new Logger({ service: 'test', level: 'silent' });
const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const keeperOf = ({ host, guard, folder }: TestHost, bootstrap: readonly string[]): PeerKeeper =>
  new PeerKeeper({
    host,
    guard,
    known: new KnownPeers(
      join(folder.path, 'known-peers.json'),
      () => Date.now(),
      () => {},
    ),
    bootstrap,
    logger,
  });

async function launch(folder: string, port: number): Promise<{ child: ChildProcess; address: string }> {
  // Node's own way to strip types knows no parameter properties.
  const execArgv = ['--experimental-transform-types', '--disable-warning=ExperimentalWarning'];
  const child = fork(join(import.meta.dirname, '../testing/host-process.ts'), [folder, String(port)], { execArgv });
  cleanUps.push(() => kill(child));
  const [[address]] = (await once(child, 'message')) as [[string]];
  return { child, address };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

test('a peer that was killed is met again soon after it is back, and after a restart of our own', async () => {
  const [folder, port] = [await tempFolder(), await freePort()];
  cleanUps.push(() => folder.remove());
  const first = await launch(folder.path, port);
  const own = await startTestHost();
  cleanUps.push(() => removeTestHost(own));
  const keeper = keeperOf(own, [first.address]);
  await keeper.start();
  const isConnected = () => own.host.getPeers().length === 1;
  await eventually(isConnected);

  await kill(first.child);
  await eventually(() => !isConnected());
  const second = await launch(folder.path, port);
  expect(second.address).toBe(first.address);
  await eventually(isConnected, { timeoutMs: 8_000 });
  await eventually(async () => {
    const [peer] = own.host.getPeers();
    return peer && (await own.host.peerStore.get(peer)).protocols.includes('/allibrary/search/1.0.0');
  });
  await keeper.close();

  for (const connection of own.host.getConnections()) connection.abort(new Error('the test cuts it'));
  await eventually(() => !isConnected());
  const afterRestart = keeperOf(own, []); // it remembers the library that it has met
  await afterRestart.start();
  await eventually(isConnected);
  await afterRestart.close();
});

test('a peer that was met is met again also when libp2p has forgotten it', async () => {
  const [folder, port] = [await tempFolder(), await freePort()];
  cleanUps.push(() => folder.remove());
  const other = await launch(folder.path, port);
  const own = await startTestHost();
  cleanUps.push(() => removeTestHost(own));
  const keeper = keeperOf(own, [other.address]);
  await keeper.start();
  await eventually(async () => {
    const [peer] = own.host.getPeers();
    return peer && (await own.host.peerStore.get(peer)).protocols.includes('/allibrary/search/1.0.0');
  });
  await keeper.close(); // it writes down who is here

  const [peer] = own.host.getPeers();
  if (!peer) throw new Error('the peer has gone');
  for (const connection of own.host.getConnections()) connection.abort(new Error('the test cuts it'));
  await eventually(() => own.host.getPeers().length === 0);
  await own.host.peerStore.delete(peer); // as libp2p does after two days
  const afterHoliday = keeperOf(own, []);
  await afterHoliday.start();
  await eventually(() => own.host.getPeers().length === 1);
  await afterHoliday.close();
});
