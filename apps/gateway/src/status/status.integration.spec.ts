// Real: nats-server, the gateway with its HTTP server. The services are stand-ins of the test, or there are none.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { FINDABLE, PEER_IDS, documentNamed } from '../testing/stand-in-services.ts';
import { type TestGateway, startTestGateway } from '../testing/test-gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
  gateway.world.documents = ['a', 'b', 'c'].map(documentNamed);
});
afterAll(() => gateway.stop());

test('the status is gathered from the services', async () => {
  expect(await (await gateway.ask('/api/v1/status')).json()).toEqual({
    peerId: PEER_IDS[2],
    multiaddrs: ['/ip4/192.0.2.2/tcp/6881'],
    connected: true,
    method: 'direct',
    peers: 1,
    findable: FINDABLE,
    bannedBy: [],
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

test('documents that are not in the index yet count as waiting, even if the indexer does not know them', async () => {
  gateway.world.documents.push(...['d', 'e', 'f'].map(documentNamed));
  const status = (await (await gateway.ask('/api/v1/status')).json()) as { indexing: object };
  gateway.world.documents.length = 3;
  expect(status.indexing).toMatchObject({ waiting: 4 });
});

test('a gateway without its services lists each of them as unavailable, and is not ready', async () => {
  const empty = await startTestGateway([]);
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
  }
});
