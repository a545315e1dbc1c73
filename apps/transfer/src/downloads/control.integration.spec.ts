// Real: nats-server, transfer's whole module, files, carrier connections. Stands in: p2p-node, by a splice of sockets.
import { randomBytes } from 'node:crypto';
import {
  CommandDownloads,
  type Data,
  type Download,
  type DownloadCommand,
  DownloadsProgressed,
  GetDownload,
  GetTraffic,
  LimitsSettings,
  ListDocuments,
  ListDownloads,
  StartDownload,
  StartDownloads,
} from '@allibrary/contracts';
import { pieceCid } from '@allibrary/core';
import { Settings } from '@allibrary/messaging';
import { eventually } from '@allibrary/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type TransferNode, newPeerId, peerAt, startNode } from '../testing/transfer-fixture.ts';

const MIB = 1_048_576;
/** The id of a document that nobody has. */
const unknownId = (): string => pieceCid(randomBytes(32)).toString();
afterEach(() => {
  vi.restoreAllMocks();
});

async function added(node: TransferNode, name: string, bytes: Uint8Array): Promise<string> {
  await node.add(name, bytes);
  const document = await eventually(async () =>
    (await node.bus.request(ListDocuments, { limit: 200 })).items.find((each) => each.name === name),
  );
  return document.documentId;
}

const limit = async (node: TransferNode, limits: object): Promise<void> => {
  await new Settings(node.bus).write(LimitsSettings, LimitsSettings.schema.parse(limits));
};
const stateOf = (node: TransferNode, { id }: Download): Promise<Download> => node.bus.request(GetDownload, { id });
const command = async (node: TransferNode, wish: DownloadCommand, ...downloads: readonly Download[]) =>
  (await node.bus.request(CommandDownloads, { ids: downloads.map(({ id }) => id), command: wish })).items;
const reaches = (node: TransferNode, download: Download, state: Download['state']): Promise<Download> =>
  eventually(
    async () => {
      const now = await stateOf(node, download);
      return now.state === state ? now : undefined;
    },
    { timeoutMs: 40_000 },
  );

describe('a download', () => {
  test('that is paused stays so over a restart, keeps its priority, and goes on when it is resumed', async () => {
    const [seeder, node] = [await startNode(), await startNode()];
    const documentId = await added(seeder, 'slow.bin', randomBytes(6 * MIB));
    node.peers.set(newPeerId(), peerAt(seeder.carrierPort));
    await limit(node, { downloadBytesPerSecond: MIB });
    const download = await node.bus.request(StartDownload, { documentId });
    await eventually(async () => (await stateOf(node, download)).bytesDone > 0);
    await command(node, { do: 'prioritise', priority: 'high' }, download);
    expect(await command(node, { do: 'pause' }, download)).toEqual([
      { id: download.id, state: 'paused', failure: null },
    ]);
    await node.restart();
    await limit(node, {});
    const paused = await stateOf(node, download);
    expect(paused).toMatchObject({ state: 'paused', cause: 'user', priority: 'high' });
    expect(paused.bytesDone).toBeGreaterThan(0);
    await command(node, { do: 'resume' }, download);
    expect(await reaches(node, download, 'completed')).toMatchObject({ cause: null, bytesDone: 6 * MIB });
    const [again] = await command(node, { do: 'pause' }, download);
    expect(again?.failure).toMatchObject({ code: 'conflict', message: /completed/ });
  });

  test('is what the user wants also when transfer has lost all that it stored', async () => {
    const node = await startNode();
    const wanted = await node.bus.request(StartDownload, { documentId: unknownId() });
    const cancelled = await node.bus.request(StartDownload, { documentId: unknownId() });
    const forgotten = await node.bus.request(StartDownload, { documentId: unknownId() });
    await command(node, { do: 'pause' }, wanted);
    await command(node, { do: 'prioritise', priority: 'low' }, wanted);
    await command(node, { do: 'cancel' }, cancelled, forgotten);
    await command(node, { do: 'forget' }, forgotten);
    await node.lose('transfer', 'desired-state');
    expect(await reaches(node, wanted, 'paused')).toMatchObject({ cause: 'user', priority: 'low' });
    await reaches(node, cancelled, 'cancelled');
    await eventually(async () => (await node.bus.request(ListDownloads, {})).items.length === 2);
    await expect(stateOf(node, forgotten)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('that was cancelled can be tried again', async () => {
    const [seeder, node] = [await startNode(), await startNode()];
    const documentId = await added(seeder, 'again.bin', randomBytes(2 * MIB));
    const download = await node.bus.request(StartDownload, { documentId });
    await command(node, { do: 'cancel' }, download);
    node.peers.set(newPeerId(), peerAt(seeder.carrierPort));
    expect((await stateOf(node, download)).state).toBe('cancelled');
    await command(node, { do: 'retry' }, download);
    await reaches(node, download, 'completed');
  });

  test('waits for its turn, and says so', async () => {
    const node = await startNode();
    await limit(node, { activeDownloads: 1 });
    await eventually(async () => {
      const { id } = await node.bus.request(StartDownload, { documentId: unknownId() });
      return (await node.bus.request(GetDownload, { id })).cause === 'turn';
    });
    const { counts } = await node.bus.request(ListDownloads, {});
    expect(counts.queued).toBeGreaterThan(0);
  });
});

test('a download that nobody can serve gives its place to others, and gets one again', async () => {
  const steadyMs = performance.now.bind(performance);
  let aheadMs = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => steadyMs() + aheadMs);
  const later = (seconds: number) => (aheadMs += seconds * 1_000);
  const [seeder, node] = [await startNode(), await startNode()];
  await limit(node, { activeDownloads: 1 });
  const documentId = await added(seeder, 'can be had.txt', randomBytes(1_000));
  const lonely = await node.bus.request(StartDownload, { documentId: unknownId() });
  expect(await stateOf(node, lonely)).toMatchObject({ state: 'active' });
  const other = await node.bus.request(StartDownload, { documentId });
  expect(await stateOf(node, other)).toMatchObject({ state: 'queued', cause: 'turn' });
  later(31);
  expect(await reaches(node, lonely, 'queued')).toMatchObject({ cause: 'no-source' });
  node.peers.set(newPeerId(), peerAt(seeder.carrierPort));
  await reaches(node, other, 'completed');
  later(61);
  await reaches(node, lonely, 'active');
});

describe('many downloads', () => {
  test('are asked for at once, each is answered, and they stand in one list', async () => {
    const node = await startNode();
    const here = await added(node, 'here.txt', Buffer.from('here'));
    const documentIds = [here, ...Array.from({ length: 499 }, unknownId)];
    const { items } = await node.bus.request(StartDownloads, { documentIds });
    expect(items.map(({ documentId }) => documentId)).toEqual(documentIds);
    expect(items[0]).toMatchObject({ id: null, failure: { code: 'conflict' } });
    expect(items.slice(1).every(({ id, failure }) => id !== null && failure === null)).toBe(true);
    const again = await node.bus.request(StartDownloads, { documentIds });
    expect(again.items).toEqual(items);
    const ids = items.map(({ id }) => id).filter((id) => id !== null);
    const paused = await node.bus.request(CommandDownloads, { ids, command: { do: 'pause' } });
    expect(paused.items.every(({ state }) => state === 'paused')).toBe(true);
    const { counts, items: page } = await node.bus.request(ListDownloads, { state: 'paused', limit: 200 });
    expect([counts.paused, page.length]).toEqual([499, 200]);
  });

  test('of one document are one', async () => {
    const node = await startNode();
    const documentId = unknownId();
    const { items } = await node.bus.request(StartDownloads, { documentIds: [documentId, documentId] });
    expect(items[0]).toEqual(items[1]);
    expect((await node.bus.request(ListDownloads, {})).items).toHaveLength(1);
  });

  test('tell how they stand in bounded messages', async () => {
    const node = await startNode();
    const stop = new AbortController();
    const told: Data<typeof DownloadsProgressed>[] = [];
    const listening = (async () => {
      for await (const message of node.bus.watch(DownloadsProgressed, stop.signal)) told.push(message);
    })();
    await node.bus.connection.flush();
    await node.bus.request(StartDownloads, { documentIds: Array.from({ length: 120 }, unknownId) });
    await eventually(() => new Set(told.flatMap(({ items }) => items.map(({ id }) => id))).size === 120, {
      timeoutMs: 20_000,
    });
    expect(Math.max(...told.map(({ items }) => items.length))).toBeLessThanOrEqual(50);
    stop.abort();
    await listening;
  });
});

describe('limits', () => {
  test('are in force as soon as they are written, and told with their reason', async () => {
    const node = await startNode();
    await limit(node, {
      uploadBytesPerSecond: MIB,
      useAlternative: true,
      alternative: { uploadBytesPerSecond: 65_536 },
    });
    await eventually(async () => {
      const { limits } = await node.bus.request(GetTraffic, {});
      return limits.because === 'by-hand' && limits.uploadBytesPerSecond === 65_536;
    });
  });

  test('a spent budget pauses downloads and refuses peers, and a larger one lets them go on', async () => {
    const [seeder, node] = [await startNode(), await startNode()];
    const documentId = await added(seeder, 'costly.bin', randomBytes(8 * MIB));
    node.peers.set(newPeerId(), peerAt(seeder.carrierPort));
    await limit(node, { downloadBytesPerSecond: 2 * MIB, budget: { bytesPerMonth: 2 * MIB, softStopShare: 1 } });
    const download = await node.bus.request(StartDownload, { documentId });
    expect(await reaches(node, download, 'paused')).toMatchObject({ cause: 'budget' });
    const waiting = await node.bus.request(StartDownload, { documentId: unknownId() });
    expect(waiting).toMatchObject({ state: 'queued', cause: 'budget' });
    const { month } = await node.bus.request(GetTraffic, {});
    expect(month).toMatchObject({ budget: 'hard-stop', budgetBytes: 2 * MIB });
    await node.restart();
    const counted = (await node.bus.request(GetTraffic, {})).month.countedBytes;
    expect(counted).toBeGreaterThanOrEqual(month.countedBytes);
    await node.lose('transfer');
    await eventually(async () => (await node.bus.request(GetTraffic, {})).month.countedBytes >= counted);
    await limit(node, { budget: { bytesPerMonth: 1e9 } });
    await reaches(node, download, 'completed');
  });
});
