// Real: nats-server, two replicas of transfer on one bus and one data folder, one of them a process that is killed,
// files, carrier connections. Stands in: p2p-node, by a splice of sockets.
import { randomBytes } from 'node:crypto';
import { type Download, GetDownload, LimitsSettings, ListDocuments, StartDownload } from '@allibrary/contracts';
import { Settings } from '@allibrary/messaging';
import { eventually } from '@allibrary/testing';
import { afterEach, expect, test } from 'vitest';
import { type TransferNode, newPeerId, peerAt, startNode } from '../testing/transfer-fixture.ts';
import { TransferProcess, metricOf } from '../testing/transfer-process.ts';

const MIB = 1_048_576;
const replicas: TransferProcess[] = [];
afterEach(async () => {
  await Promise.all(replicas.splice(0).map((replica) => replica.stop()));
});

async function startReplicaOf(node: TransferNode): Promise<TransferProcess> {
  const replica = await TransferProcess.start(node.environment);
  replicas.push(replica);
  return replica;
}

async function setLimits(node: TransferNode, limits: Parameters<typeof LimitsSettings.schema.parse>[0]): Promise<void> {
  await new Settings(node.bus).write(LimitsSettings, LimitsSettings.schema.parse(limits));
}

async function added(node: TransferNode, name: string, sizeBytes: number): Promise<string> {
  await node.add(name, randomBytes(sizeBytes));
  const document = await eventually(async () =>
    (await node.bus.request(ListDocuments, { limit: 200 })).items.find((each) => each.name === name),
  );
  return document.documentId;
}

/** Which part of the upload limit a replica takes. */
const shareOf = async (httpUrl: string, limit: number): Promise<number> =>
  (await metricOf(httpUrl, 'allibrary_share_bytes_per_second', 'direction="sent"')) / limit;

test('replicas share a limit by need, and the share of one that dies is free', { timeout: 90_000 }, async () => {
  const [seeder, first, second] = [await startNode(), await startNode(), await startNode()];
  const replica = await startReplicaOf(seeder);
  const documentId = await added(seeder, 'large.bin', 48 * MIB);
  const limit = MIB;
  await setLimits(seeder, { uploadBytesPerSecond: limit });
  await eventually(async () => (await shareOf(seeder.httpUrl, limit)) === 0.5);

  first.peers.set(newPeerId(), peerAt(replica.carrierPort));
  await first.bus.request(StartDownload, { documentId });
  await eventually(async () => (await shareOf(replica.httpUrl, limit)) > 0.9, { timeoutMs: 20_000 });
  await eventually(async () => (await shareOf(seeder.httpUrl, limit)) < 0.1);

  second.peers.set(newPeerId(), peerAt(seeder.carrierPort));
  await second.bus.request(StartDownload, { documentId });
  await eventually(async () => Math.abs((await shareOf(seeder.httpUrl, limit)) - 0.5) < 0.01, { timeoutMs: 20_000 });
  await eventually(async () => Math.abs((await shareOf(replica.httpUrl, limit)) - 0.5) < 0.01);

  await replica.stop('SIGKILL');
  await eventually(async () => (await shareOf(seeder.httpUrl, limit)) === 1, { timeoutMs: 20_000 });
});

test('the downloads of a replica that dies go on in another', { timeout: 90_000 }, async () => {
  const [seeder, node] = [await startNode(), await startNode()];
  const replica = await startReplicaOf(node);
  await setLimits(node, { downloadBytesPerSecond: 65_536, activeDownloads: 64 });
  const started: Download[] = [];
  node.peers.set(newPeerId(), peerAt(seeder.carrierPort));
  while ((await metricOf(replica.httpUrl, 'allibrary_running_downloads')) === 0) {
    const documentId = await added(seeder, `${started.length}.bin`, MIB + started.length);
    started.push(await node.bus.request(StartDownload, { documentId }));
  }
  await replica.stop('SIGKILL');
  await setLimits(node, {});
  for (const { id } of started)
    await eventually(async () => (await node.bus.request(GetDownload, { id })).state === 'completed', {
      timeoutMs: 60_000,
    });
  expect(await metricOf(node.httpUrl, 'allibrary_downloads', 'state="completed"')).toBe(started.length);
});
