// Real: libp2p hosts over loopback, their datastores on disk. The clock alone is set.
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempFolder, eventually } from '@allibrary/testing';
import { CID } from 'multiformats/cid';
import { afterEach, expect, test, vi } from 'vitest';
import { type TestHost, connectHosts, portOf, removeTestHost, startHostIn, startTestHost } from '../testing/hosts.ts';

const DOCUMENT = CID.parse('bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi');
const HOUR_MS = 3_600_000;
const cleanUps: (() => Promise<void>)[] = [];

async function start(): Promise<TestHost> {
  const host = await startTestHost();
  cleanUps.push(() => removeTestHost(host));
  return host;
}

afterEach(async () => {
  vi.useRealTimers();
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function provide({ host }: TestHost): Promise<void> {
  await eventually(async () => {
    let takers = 0;
    for await (const event of host.services.dht.provide(DOCUMENT, { signal: AbortSignal.timeout(10_000) }))
      if (event.name === 'PEER_RESPONSE' && event.messageName === 'ADD_PROVIDER') takers += 1;
    return takers > 0;
  });
}

async function providers({ host }: TestHost): Promise<string[]> {
  const found: string[] = [];
  const signal = AbortSignal.timeout(10_000);
  for await (const { id } of host.contentRouting.findProviders(DOCUMENT, { signal })) found.push(id.toString());
  return found;
}

test('connections are encrypted by TLS and multiplexed by yamux', async () => {
  const [a, b] = [await start(), await start()];
  const connection = await connectHosts(a.host, b.host);
  expect(connection.encryption).toBe('/tls/1.0.0');
  expect(connection.multiplexer).toBe('/yamux/1.0.0');
});

// kad-dht 16.4 with the peer store's defaults: an address older than an hour hides a live provider, and a provider that
// was forgotten after six hours makes the server reset every question for that key, which hides the live ones too.
test('a provider is still named by the DHT after 47 hours, also beside one that is long gone', {
  timeout: 60_000,
}, async () => {
  const [middle, provider, gone] = [await start(), await start(), await startTestHost()];
  for (const { host } of [provider, gone]) await connectHosts(host, middle.host);
  await provide(provider);
  await provide(gone);
  await removeTestHost(gone);
  await provider.host.hangUp(middle.host.peerId); // each contact would renew the address
  await eventually(() => middle.host.getPeers().length === 0);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 47 * HOUR_MS });
  const seeker = await start(); // it knows nobody but the server
  await connectHosts(seeker.host, middle.host);
  await eventually(async () => (await providers(seeker)).includes(provider.host.peerId.toString()));
  const [known] = (await seeker.host.peerStore.get(provider.host.peerId)).addresses;
  expect(known?.multiaddr.toString()).toContain(`/tcp/${portOf(provider.host)}`);
});

test('a provider is named beside one that the server has forgotten', { timeout: 60_000 }, async () => {
  const [middle, provider, gone] = [await start(), await start(), await startTestHost()];
  for (const { host } of [provider, gone]) await connectHosts(host, middle.host);
  await provide(provider);
  await provide(gone);
  await removeTestHost(gone);
  await eventually(() => middle.host.getPeers().length === 1);
  await middle.host.peerStore.delete(gone.host.peerId);
  const seeker = await start();
  await connectHosts(seeker.host, middle.host);
  await eventually(async () => (await providers(seeker)).includes(provider.host.peerId.toString()));
});

test('a datastore that is damaged is begun anew, and the peer stays the same', async () => {
  const folder = await tempFolder();
  cleanUps.push(() => folder.remove());
  const first = await startHostIn(folder.path, 0);
  await first.stop();
  for (const name of await readdir(folder.path))
    if (name.includes('.sqlite')) await writeFile(join(folder.path, name), 'nonsense');
  const second = await startHostIn(folder.path, 0);
  cleanUps.push(async () => second.stop());
  expect(second.peerId.toString()).toBe(first.peerId.toString());
});

test('a data folder that another node uses is left alone, and the error says so', async () => {
  const { folder } = await start();
  await expect(startHostIn(folder.path, 0)).rejects.toThrow('another p2p-node runs on this data folder');
});

test('a port that is in use is an error that says what to do, and the datastore is let go', async () => {
  const { host } = await start();
  const folder = await tempFolder();
  cleanUps.push(() => folder.remove());
  await expect(startHostIn(folder.path, portOf(host))).rejects.toThrow('choose another port with ALLIBRARY_P2P_PORT');
  const other = await startHostIn(folder.path, 0);
  await other.stop();
});

test('a host that has stopped has let go of its port and its datastore', async () => {
  const folder = await tempFolder();
  cleanUps.push(() => folder.remove());
  const first = await startHostIn(folder.path, 0);
  const port = portOf(first);
  const stopped = once(first as never, 'stop');
  await first.stop();
  await stopped;
  const second = await startHostIn(folder.path, port);
  cleanUps.push(async () => second.stop());
  expect(portOf(second)).toBe(port);
});
