// Real: nats-server, transfer's whole module, files, carrier connections. Stands in: p2p-node, by a splice of sockets;
// the hostile peers speak the piece protocol themselves.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Duplex } from 'node:stream';
import {
  type Download,
  GetDownload,
  LimitsSettings,
  ListDocuments,
  PeerOffended,
  StartDownload,
} from '@allibrary/contracts';
import { Settings } from '@allibrary/messaging';
import { eventually } from '@allibrary/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { drips, endless, sendsWrongManifest, sendsWrongPieces, silent } from '../testing/peer-behaviours.ts';
import { type PeerBehaviour, type TransferNode, newPeerId, peerAt, startNode } from '../testing/transfer-fixture.ts';
import { TransferProcess } from '../testing/transfer-process.ts';

const MIB = 1_048_576;
const processes: TransferProcess[] = [];

afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(processes.splice(0).map((process) => process.stop()));
});

/** A node that shares a new document. */
async function startSeeder(sizeBytes: number) {
  const [seeder, bytes] = [await startNode(), randomBytes(sizeBytes)];
  await seeder.add('book.bin', bytes);
  const [document] = await eventually(async () => {
    const { items } = await seeder.bus.request(ListDocuments, {});
    return items.length > 0 && items;
  });
  return { seeder, bytes, documentId: document?.documentId ?? '' };
}

const downloadOf = (node: TransferNode, { id }: Download) => node.bus.request(GetDownload, { id });

async function completed(node: TransferNode, started: Download): Promise<Download> {
  return eventually(
    async () => {
      const download = await downloadOf(node, started);
      return download.state === 'completed' && download;
    },
    { timeoutMs: 60_000 },
  );
}

async function expectSame(node: TransferNode, bytes: Buffer): Promise<void> {
  const { items } = await node.bus.request(ListDocuments, {});
  const path = items[0]?.locations[0]?.path ?? 'missing';
  expect(bytes.equals(await readFile(join(node.library, path)))).toBe(true);
}

/** Lets a peer's streams be cut, and counts what it has sent. */
function cuttable(behaviour: PeerBehaviour) {
  const streams = new Set<Duplex>();
  return {
    behaviour: async (stream: Duplex) => {
      streams.add(stream);
      await behaviour(stream);
    },
    cut: () => {
      for (const stream of streams) stream.destroy();
      streams.clear();
    },
  };
}

async function limitUpload(node: TransferNode, bytesPerSecond: number): Promise<void> {
  const settings = new Settings(node.bus);
  const wish = await settings.read(LimitsSettings);
  await settings.write(LimitsSettings, { ...wish.value, uploadBytesPerSecond: bytesPerSecond }, wish.revision);
}

describe('a hostile peer does not prevent the download of a document:', () => {
  test.each<[string, (sizeBytes: number, honest: PeerBehaviour) => PeerBehaviour, boolean]>([
    ['wrong pieces', (sizeBytes) => sendsWrongPieces(sizeBytes), true],
    ['a wrong manifest', (sizeBytes) => sendsWrongManifest(sizeBytes), true],
    ['endless data', () => endless, true],
    ['nothing', () => silent, false],
    ['one byte a second', (_, honest) => drips(honest), false],
  ])('%s', async (_name, hostile, isReported) => {
    const { seeder, bytes, documentId } = await startSeeder(12 * MIB + 5);
    const fetcher = await startNode();
    const [liar, stopping] = [newPeerId(), new AbortController()];
    const reported: string[] = [];
    const watching = (async () => {
      for await (const { peerId } of fetcher.bus.watch(PeerOffended, stopping.signal)) reported.push(peerId);
    })();
    fetcher.peers.set(liar, hostile(bytes.length, peerAt(seeder.carrierPort)));
    const started = await fetcher.bus.request(StartDownload, { documentId });
    fetcher.peers.set(newPeerId(), peerAt(seeder.carrierPort));
    const download = await completed(fetcher, started);
    await expectSame(fetcher, bytes);
    expect(download.sources.map(({ peerId }) => peerId)).not.toContain(liar);
    if (isReported) await eventually(() => reported.includes(liar));
    stopping.abort();
    await watching;
    expect(reported.every((peerId) => peerId === liar)).toBe(true);
  });

  test('seventeen silent ones leave a place for the one that sends', async () => {
    const { seeder, bytes, documentId } = await startSeeder(3 * MIB);
    const fetcher = await startNode();
    for (let count = 0; count < 17; count++) fetcher.peers.set(newPeerId(), silent);
    const started = await fetcher.bus.request(StartDownload, { documentId });
    fetcher.peers.set(newPeerId(), peerAt(seeder.carrierPort));
    await completed(fetcher, started);
    await expectSame(fetcher, bytes);
  });
});

describe('sources go and come:', () => {
  test('one is killed in the middle, the other goes on', async () => {
    const { seeder, bytes, documentId } = await startSeeder(24 * MIB);
    const killed = await TransferProcess.start(seeder.environment);
    processes.push(killed);
    await limitUpload(seeder, 8 * MIB);
    const fetcher = await startNode();
    const dying = newPeerId();
    fetcher.peers.set(dying, peerAt(killed.carrierPort)).set(newPeerId(), peerAt(seeder.carrierPort));
    const started = await fetcher.bus.request(StartDownload, { documentId });
    await eventually(async () =>
      (await downloadOf(fetcher, started)).sources.some(({ peerId, bytes: given }) => peerId === dying && given > 0),
    );
    await killed.stop('SIGKILL');
    await completed(fetcher, started);
    await expectSame(fetcher, bytes);
  });

  test('all are gone, and one is back an hour later', async () => {
    const { seeder, bytes, documentId } = await startSeeder(16 * MIB);
    await limitUpload(seeder, 4 * MIB);
    const fetcher = await startNode();
    const { behaviour, cut } = cuttable(peerAt(seeder.carrierPort));
    const peerId = newPeerId();
    fetcher.peers.set(peerId, behaviour);
    const started = await fetcher.bus.request(StartDownload, { documentId });
    await eventually(async () => (await downloadOf(fetcher, started)).bytesDone > 0);
    fetcher.peers.delete(peerId);
    cut();
    const alone = await eventually(async () => {
      const download = await downloadOf(fetcher, started);
      return download.cause === 'no-source' && download;
    });
    expect(alone.bytesDone).toBeLessThan(bytes.length);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
    fetcher.peers.set(newPeerId(), peerAt(seeder.carrierPort));
    const download = await completed(fetcher, started);
    await expectSame(fetcher, bytes);
    // Nothing that was here is fetched again.
    expect(download.sources.reduce((sum, source) => sum + source.bytes, 0)).toBe(bytes.length);
  });

  test('a node that downloads is a source for others at the same time', async () => {
    const { seeder, bytes, documentId } = await startSeeder(24 * MIB);
    await limitUpload(seeder, 3 * MIB);
    const [first, second] = [await startNode(), await startNode()];
    const [firstId, secondId, seederId] = [newPeerId(), newPeerId(), newPeerId()];
    first.peers.set(seederId, peerAt(seeder.carrierPort)).set(secondId, peerAt(second.carrierPort));
    second.peers.set(seederId, peerAt(seeder.carrierPort)).set(firstId, peerAt(first.carrierPort));
    const started = await first.bus.request(StartDownload, { documentId });
    await eventually(async () => (await downloadOf(first, started)).bytesDone > 0);
    const [, { sources }] = await Promise.all([
      completed(first, started),
      completed(second, await second.bus.request(StartDownload, { documentId })),
    ]);
    await Promise.all([first, second].map((node) => expectSame(node, bytes)));
    const fromSeeder = sources.find(({ peerId }) => peerId === seederId)?.bytes ?? 0;
    expect(sources.find(({ peerId }) => peerId === firstId)?.bytes).toBe(bytes.length - fromSeeder);
    expect(fromSeeder).toBeLessThan(bytes.length); // how much less depends on who is given the processor
  });
});
