// Real: everything, two whole nodes. One of them loses its bus, its settings or its whole machine; the other one is a peer
// that looks for what must stay private.
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@allibrary/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Seedbox } from './support/seedbox.ts';

const DENIED = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN';
const LIMITS = { activeDownloads: 3, uploadBytesPerSecond: 9_000_000 };
/** Documents whose collection changed in the first second of a node have taken half a minute to be indexed. */
const TIMEOUT = { timeoutMs: 120_000 };
/** The files that docs/OPERATIONS.md names for the backup. */
const BACKUP = ['p2p-node/identity.key', 'transfer/settings.json', 'api-key'];

let peer: Seedbox;
let node: Seedbox;

beforeAll(async () => {
  peer = await Seedbox.start();
});
afterAll(async () => {
  await peer.stop();
});

beforeEach(async () => {
  node = await Seedbox.start({
    bootstrap: [await peer.address()],
    fill: async (library) => {
      for (const folder of ['open', 'letters']) await mkdir(join(library, folder));
      await writeFile(join(library, 'open/bird.txt'), 'the heron is for everybody');
      await writeFile(join(library, 'letters/secret.txt'), 'the bittern is for nobody else');
    },
  });
  const collections = [
    { id: 'open', name: 'Open', folder: join(node.library, 'open'), takesDownloads: true },
    { id: 'letters', name: 'Letters', folder: join(node.library, 'letters'), visibility: 'private' },
  ];
  await node.call('PUT', 'settings/collections', { collections });
  await node.call('PUT', 'settings/limits', LIMITS);
  await node.call('PUT', 'settings/peers', { deniedPeers: [DENIED] });
  await expectAsBefore();
});
afterEach(() => node.stop());

/** Names that a search of the peer finds now, without results that were only seen earlier. */
async function foundByPeer(word: string): Promise<string[]> {
  const { results } = await peer.search(word, 'network');
  return results.filter(({ sources }) => sources.some(({ seenAtMs }) => seenAtMs === null)).map(({ name }) => name);
}

/** The open document is found by the peer, the private one only here, and the settings are those of the beginning. */
async function expectAsBefore(): Promise<void> {
  await peer.meets(1);
  await eventually(async () => expect(await foundByPeer('heron')).toEqual(['bird.txt']), TIMEOUT);
  await eventually(
    async () => expect((await node.search('bittern', 'local')).results.map(({ name }) => name)).toEqual(['secret.txt']),
    TIMEOUT,
  );
  expect(await foundByPeer('bittern')).toEqual([]);
  expect(await node.call('GET', 'settings/limits')).toMatchObject({ value: LIMITS });
  expect(await node.call('GET', 'settings/peers')).toMatchObject({ value: { deniedPeers: [DENIED] } });
  expect(await node.call('GET', 'status')).toMatchObject({ settingsProblem: null });
}

/** The peer finds nothing, and the owner sees it everywhere. */
async function expectNothingShared(): Promise<void> {
  await peer.meets(1);
  for (const word of ['heron', 'bittern']) expect(await foundByPeer(word)).toEqual([]);
  expect(node.output).toContain('nothing is shared');
  const { settingsProblem } = await node.call<{ settingsProblem: string }>('GET', 'status');
  expect(settingsProblem).toContain('nothing is shared');
  const { httpUrl } = (await node.state()).programs['transfer'] ?? {};
  const health = await fetch(`${httpUrl}/health/ready`);
  expect(health.status).toBe(503);
  expect(await health.json()).toMatchObject({ checks: { settings: settingsProblem } });
}

test('without the data of the bus nothing is lost, and what is private stays private', async () => {
  await node.restart({ meanwhile: (data) => rm(join(data, 'nats'), { recursive: true }) });
  await expectAsBefore();
});

test.each([
  ['the durable store', 'desired-state.sqlite'],
  ['the readable copy', 'settings.json'],
])('without %s of the settings nothing is lost', async (_case, file) => {
  await node.restart({ end: 'kill', meanwhile: (data) => rm(join(data, 'transfer', file)) });
  await expectAsBefore();
});

test('a node that lost its settings shares nothing and reports it, until its owner chooses again', async () => {
  await node.restart({ meanwhile: (data) => removeAll(join(data, 'transfer'), /^(desired-state|settings)/) });
  await expectNothingShared();
  const collections = [{ id: 'open', name: 'Open', folder: join(node.library, 'open') }];
  await node.call('PUT', 'settings/collections', { collections });
  await eventually(async () => expect(await foundByPeer('heron')).toEqual(['bird.txt']), TIMEOUT);
  expect(await foundByPeer('bittern')).toEqual([]);
});

test('a node restored from its backup onto an empty machine is as it was', async () => {
  const peerId = await node.peerId();
  await node.restart({ meanwhile: (data) => keepOnly(data, BACKUP) });
  expect(await node.peerId()).toBe(peerId);
  await expectAsBefore();
});

test('a node restored without its settings shares nothing', async () => {
  await node.restart({ meanwhile: (data) => keepOnly(data, ['p2p-node/identity.key']) });
  await expectNothingShared();
});

async function removeAll(folder: string, names: RegExp): Promise<void> {
  for (const name of await readdir(folder)) if (names.test(name)) await rm(join(folder, name));
}

/** Empties the data folder, and puts the named files back as an operator does. */
async function keepOnly(data: string, files: readonly string[]): Promise<void> {
  const backup = `${data}.backup`;
  await cp(data, backup, { recursive: true });
  await rm(data, { recursive: true });
  for (const file of files) await cp(join(backup, file), join(data, file));
  await rm(backup, { recursive: true });
}
