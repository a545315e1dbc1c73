// Real: nats-server, the gateway with its HTTP server. The services are stand-ins of the test, or there are none.
import type { LibraryDocument } from '@allibrary/contracts';
import { type TempFolder, type TestNats, startNats, tempFolder } from '@allibrary/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { FINDABLE, PEER_IDS } from '../testing/stand-in-services.ts';
import { type TestGateway, openTestGateway } from '../testing/test-gateway.ts';

const documentNamed = (letter: string): LibraryDocument => ({
  documentId: `bafkrei${letter.repeat(52)}`,
  name: `${letter}.txt`,
  sizeBytes: 10,
  mediaType: 'text/plain',
  sha256: '0'.repeat(64),
  locations: [{ collection: 'library', path: `${letter}.txt` }],
  isPublic: true,
  addedAtMs: 1,
});

let nats: TestNats;
let folder: TempFolder;
let gateway: TestGateway;
beforeAll(async () => {
  [nats, folder] = await Promise.all([startNats(), tempFolder()]);
  gateway = await openTestGateway({ nats, dataDir: folder.path });
  gateway.world.documents = ['a', 'b', 'c'].map(documentNamed);
});
afterAll(async () => {
  await gateway.stop();
  await nats.stop();
  await folder.remove();
});

test('the status is gathered from the services', async () => {
  expect(await (await gateway.ask('/api/v1/status')).json()).toEqual({
    peerId: PEER_IDS[2],
    multiaddrs: ['/ip4/192.0.2.2/tcp/6881'],
    connected: true,
    method: 'direct',
    peers: 1,
    findable: FINDABLE,
    documents: 3,
    indexedDocuments: 2,
    indexing: { waiting: 1, secondsLeft: 4, isRebuilding: false, picturePages: 12 },
    downloadBytesPerSecond: 1_000,
    uploadBytesPerSecond: 2_000,
    settingsProblem: null,
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    unavailable: [],
  });
  expect((await fetch(`${gateway.url}/health/ready`)).status).toBe(200);
  const problem = vi.spyOn(gateway.world.settings, 'problem').mockResolvedValueOnce('nothing is shared');
  expect(await (await gateway.ask('/api/v1/status')).json()).toMatchObject({ settingsProblem: 'nothing is shared' });
  problem.mockRestore();
});

test('documents that the index does not have yet wait, whatever the indexer knows of them', async () => {
  gateway.world.documents.push(...['d', 'e', 'f'].map(documentNamed));
  const status = (await (await gateway.ask('/api/v1/status')).json()) as { indexing: object };
  gateway.world.documents.length = 3;
  expect(status.indexing).toMatchObject({ waiting: 4 });
});

test('a gateway without its services names every one that is away, and is not ready', async () => {
  const bare = await startNats();
  const empty = await openTestGateway({ nats: bare, dataDir: folder.path, services: [] });
  try {
    const status = await (await empty.ask('/api/v1/status')).json();
    expect(status).toMatchObject({
      peerId: null,
      peers: null,
      documents: null,
      unavailable: ['p2p-node', 'transfer', 'indexer', 'watcher'],
    });
    const ready = await fetch(`${empty.url}/health/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([
      503,
      { checks: { status: 'these services do not answer: p2p-node, transfer, indexer, watcher' } },
    ]);
    expect((await empty.ask('/api/v1/documents')).status).toBe(503);
    expect((await empty.ask('/api/v1/search?q=x&scope=all')).status).toBe(503);
  } finally {
    await empty.stop();
    await bare.stop();
  }
});
