// Real: nats-server, transfer's whole module, files, carrier connections. Stands in: p2p-node, by a splice of sockets.
import { randomBytes } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CommandDownloads,
  type Download,
  type DownloadCommand,
  DownloadEnded,
  DownloadRequested,
  DownloadSteered,
  GetDownload,
  ListDocuments,
  ListDownloads,
  StartDownload,
} from '@allibrary/contracts';
import { streamSizes } from '@allibrary/messaging';
import { eventually } from '@allibrary/testing';
import { expect, test } from 'vitest';
import { type Loss, type TransferNode, newPeerId, peerAt, startNode } from '../../testing/transfer-fixture.ts';
import { unknownDocument } from '../../testing/unknown-documents.ts';

async function command(node: TransferNode, doing: DownloadCommand, { id }: Download): Promise<void> {
  const { items } = await node.bus.request(CommandDownloads, { ids: [id], command: doing });
  expect(items[0]?.failure).toBeNull();
}
const ordered = (node: TransferNode): Promise<Download> =>
  node.bus.request(StartDownload, { documentId: unknownDocument() });

/** Downloads in each state that orders can bring about, the newest last. */
async function orderAll(node: TransferNode): Promise<Record<string, Download>> {
  const source = await startNode();
  await source.add('here.txt', randomBytes(1_000));
  const documentId = await eventually(async () => (await source.bus.request(ListDocuments, {})).items[0]?.documentId);
  const waiting = await ordered(node);
  const paused = await ordered(node);
  const urgent = await ordered(node);
  const cancelled = await ordered(node);
  const retried = await ordered(node);
  const forgotten = await ordered(node);
  node.peers.set(newPeerId(), peerAt(source.carrierPort));
  const completed = await node.bus.request(StartDownload, { documentId });
  await command(node, { do: 'pause' }, paused);
  await command(node, { do: 'prioritise', priority: 'high' }, urgent);
  for (const download of [cancelled, retried, forgotten]) await command(node, { do: 'cancel' }, download);
  await command(node, { do: 'retry' }, retried);
  await command(node, { do: 'forget' }, forgotten);
  await eventually(async () => (await node.bus.request(GetDownload, completed)).state === 'completed');
  return { waiting, paused, urgent, cancelled, retried, forgotten, completed };
}

/** Resolves when everything is as it was ordered by {@link orderAll}. */
async function untilAllThere(node: TransferNode, downloads: Record<string, Download>): Promise<void> {
  const { waiting, paused, urgent, cancelled, retried, completed } = downloads;
  await eventually(async () => {
    const { items } = await node.bus.request(ListDownloads, {});
    const found = new Map(items.map((item) => [item.id, item]));
    const stateOf = (download: Download | undefined) => found.get(download?.id ?? '');
    expect(items).toHaveLength(6);
    for (const download of [waiting, urgent, retried]) expect(['queued', 'active']).toContain(stateOf(download)?.state);
    expect(stateOf(paused)).toMatchObject({ state: 'paused', cause: 'user' });
    expect(stateOf(urgent)?.priority).toBe('high');
    expect(stateOf(cancelled)?.state).toBe('cancelled');
    expect(stateOf(completed)?.state).toBe('completed');
    return true;
  });
}

test.each<{ losses: Loss[] }>([
  { losses: ['bus'] },
  { losses: ['transfer'] },
  { losses: ['bus', 'transfer'] },
  { losses: ['desired-state'] },
  { losses: ['bus', 'desired-state'] },
  { losses: ['transfer', 'desired-state'] },
])('downloads are as they were ordered when $losses is lost', async ({ losses }) => {
  const node = await startNode();
  const downloads = await orderAll(node);
  await eventually(async () => (await streamSizes(node.bus)).some(({ messages }) => messages > 10));
  await node.lose(...losses);
  await untilAllThere(node, downloads);
});

test('the stream gets back what it lost, and then brings back what the disk loses', async () => {
  const node = await startNode();
  const downloads = await orderAll(node);
  await node.lose('bus', 'transfer');
  await untilAllThere(node, downloads);
  await eventually(async () => (await transfers(node)) === 7 + 3 + 3);
  await node.lose('transfer', 'desired-state');
  await untilAllThere(node, downloads);
});

const transfers = async (node: TransferNode): Promise<number> =>
  (await streamSizes(node.bus)).find(({ stream }) => stream === 'TRANSFERS')?.messages ?? Number.NaN;

test('a list keeps its order when the read model is rebuilt', async () => {
  const node = await startNode();
  const downloads = [await ordered(node), await ordered(node), await ordered(node)];
  const ids = downloads.map(({ id }) => id).toReversed();
  const [first] = downloads;
  if (first) await command(node, { do: 'pause' }, first);
  await node.lose('bus', 'transfer');
  const { items } = await node.bus.request(ListDownloads, {});
  expect(items.map(({ id }) => id)).toEqual(ids);
});

test('a damaged file of orders is set aside and named, and nothing that others know is lost', async () => {
  const node = await startNode();
  const downloads = await orderAll(node);
  const folder = join(node.environment['ALLIBRARY_DATA'] ?? '', 'transfer');
  await node.lose('desired-state');
  await node.restart(() => writeFileSync(join(folder, 'desired-state.sqlite'), randomBytes(20_000)));
  await untilAllThere(node, downloads);
  expect(readdirSync(folder)).toContain('desired-state.sqlite.damaged');
  const health = await (await fetch(`${node.httpUrl}/health/ready`)).text();
  expect(health).toContain('desired-state.sqlite.damaged');
});

test('the facts of an earlier version fill the orders, and facts that come again change nothing', async () => {
  const node = await startNode();
  const id = '5e1bd3f2-9a0e-4f0e-9d29-0f6a8a1a9c11';
  const documentId = unknownDocument();
  const facts = [
    () => node.bus.publish(DownloadRequested, { id, documentId, requestedAtMs: 1_000 }),
    () =>
      node.bus.publish(DownloadEnded, {
        ...{ id, documentId, outcome: 'failed', cause: 'internal', reason: 'It failed.', endedAtMs: 2_000 },
      }),
    () =>
      node.bus.publish(DownloadSteered, {
        ...{ id, documentId, isPaused: true, priority: 'low', frontAtMs: null, wantedAtMs: 3_000, steeredAtMs: 3_000 },
      }),
  ];
  for (const publish of facts) await publish();
  const isPaused = async () => {
    const download = await node.bus.request(GetDownload, { id });
    return download.state === 'paused' && download.priority === 'low';
  };
  await eventually(isPaused);
  await node.lose('bus', 'transfer');
  expect(await isPaused()).toBe(true);
  for (const publish of facts) await publish(); // the node may have stored them there again before
  await eventually(async () => (await transfers(node)) >= facts.length);
  expect(await isPaused()).toBe(true);
});

test('one order for one document, whichever replica is asked', async () => {
  const node = await startNode();
  const documentId = unknownDocument();
  const replies = await Promise.all(Array.from({ length: 20 }, () => node.bus.request(StartDownload, { documentId })));
  expect(new Set(replies.map(({ id }) => id)).size).toBe(1);
});
