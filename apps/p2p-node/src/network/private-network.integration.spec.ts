// Real: libp2p hosts over loopback, key files on disk. Outside stands a raw socket that keeps all that it is told.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { eventually, tempFolder } from '@allibrary/testing';
import { afterEach, expect, test } from 'vitest';
import { loadNetworkKey } from './network-key.ts';
import { type TestHost, connectHosts, portOf, removeTestHost, startTestHost } from '../testing/hosts.ts';

const NONCE_BYTES = 24;
const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function loadKey(text: string): Promise<Uint8Array> {
  const folder = await tempFolder();
  cleanUps.push(() => folder.remove());
  const file = join(folder.path, 'network.key');
  await writeFile(file, text);
  return loadNetworkKey(file);
}

const someKey = () => loadKey(`/key/swarm/psk/1.0.0/\n/base16/\n${randomBytes(32).toString('hex')}\n`);

async function start(networkKey?: Uint8Array): Promise<TestHost> {
  const host = await startTestHost(networkKey ? { networkKey } : {});
  cleanUps.push(() => removeTestHost(host));
  return host;
}

/** All that a node says to somebody who says the given words. */
async function listenTo(port: number, words: readonly Uint8Array[]): Promise<Buffer> {
  const heard: Buffer[] = [];
  const socket = connect(port, '127.0.0.1');
  socket.on('data', (bytes: Buffer) => heard.push(bytes));
  socket.on('error', () => {}); // it is thrown out
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await once(socket, 'connect');
  for (const each of words) socket.write(each);
  await closed;
  return Buffer.concat(heard);
}

test('whoever has the key is met', async () => {
  const key = await someKey();
  const [a, b] = [await start(key), await start(key)];
  const connection = await connectHosts(a.host, b.host);
  expect(connection.encryption).toBe('/tls/1.0.0');
  await eventually(() => b.host.getPeers().map(String).join() === a.host.peerId.toString()); // it ends the handshake later
});

test('whoever has another key, or none, is not met, from neither side', async () => {
  const inside = await start(await someKey());
  for (const outside of [await start(await someKey()), await start()]) {
    await expect(connectHosts(outside.host, inside.host)).rejects.toThrow(/./);
    await expect(connectHosts(inside.host, outside.host)).rejects.toThrow(/./);
    expect([...inside.host.getPeers(), ...outside.host.getPeers()]).toEqual([]);
  }
});

test('to whoever has no key a node says a random number and nothing that can be understood', async () => {
  const inside = await start(await someKey());
  const greeting = Buffer.from('\u0013/multistream/1.0.0\n');
  const silent = await listenTo(portOf(inside.host), []);
  expect(silent.length).toBe(NONCE_BYTES);
  const heard = await listenTo(portOf(inside.host), [randomBytes(NONCE_BYTES), greeting]);
  expect(heard.subarray(0, NONCE_BYTES)).not.toEqual(silent);
  for (const said of [silent, heard])
    for (const name of ['multistream', '/tls', '/noise', 'allibrary', inside.host.peerId.toString()])
      expect(said.includes(name)).toBe(false);

  const open = await start(); // the same words to a node without a key: so this test can fail
  expect((await listenTo(portOf(open.host), [greeting])).includes('multistream')).toBe(true);
});

test.each(['', 'a password', '/key/swarm/psk/1.0.0/\n/base16/\nabc\n'])(
  '%j is no key, and the error says what to do',
  async (text) => {
    await expect(loadKey(text)).rejects.toThrow('docs/OPERATIONS.md');
  },
);
