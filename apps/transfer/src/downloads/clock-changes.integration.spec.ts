// Real: nats-server, transfer (its module here, or as built in a process of its own), files, carrier connections.
// Stands in: p2p-node, by a splice of sockets; the wall clock, which the test sets.
import { randomBytes } from 'node:crypto';
import {
  CommandDownloads,
  type Download,
  type DownloadCommand,
  GetDownload,
  GetFixity,
  LimitsSettings,
  ListDocuments,
  ListDownloads,
  StartDownload,
} from '@allibrary/contracts';
import { Settings, streamSizes } from '@allibrary/messaging';
import { eventually } from '@allibrary/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type TransferNode, newPeerId, peerAt, startNode } from '../testing/transfer-fixture.ts';
import { TransferProcess } from '../testing/transfer-process.ts';
import { unknownDocument } from '../testing/unknown-documents.ts';

const MIB = 1_048_576;
const HOUR_MS = 3_600_000;
const JUMPS = [
  { jump: 'two hours back', fromMs: 2 * HOUR_MS, toMs: 0 },
  { jump: 'two hours ahead', fromMs: 0, toMs: 2 * HOUR_MS },
  { jump: 'years back, as without a battery', fromMs: 0, toMs: -20 * 365 * 24 * HOUR_MS },
];

const processes: TransferProcess[] = [];
afterEach(async () => {
  await Promise.all(processes.splice(0).map((each) => each.stop()));
  vi.restoreAllMocks();
});

const realNow = Date.now.bind(Date);
const setClock = (byMs: number): void => void vi.spyOn(Date, 'now').mockImplementation(() => realNow() + byMs);

/** Sets the clock of a process, before any of its modules is loaded. */
const clockSet = (byMs: number): { NODE_OPTIONS: string } => ({
  NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(`const now=Date.now;Date.now=()=>now()+(${byMs})`)}`,
});

async function documentOf(source: TransferNode, sizeMiB: number): Promise<string> {
  await source.add('document.bin', randomBytes(sizeMiB * MIB));
  return eventually(async () => (await source.bus.request(ListDocuments, {})).items[0]?.documentId);
}
const limit = async (node: TransferNode, limits: object): Promise<void> => {
  await new Settings(node.bus).write(LimitsSettings, LimitsSettings.schema.parse(limits));
};
const stateOf = (node: TransferNode, { id }: Download): Promise<Download> => node.bus.request(GetDownload, { id });
const reaches = (node: TransferNode, download: Download, state: Download['state'], timeoutMs = 20_000) =>
  eventually(async () => (await stateOf(node, download)).state === state, { timeoutMs });
async function command(node: TransferNode, doing: DownloadCommand, { id }: Download): Promise<void> {
  const { items } = await node.bus.request(CommandDownloads, { ids: [id], command: doing });
  expect(items[0]?.failure).toBeNull();
}
const transfers = async (node: TransferNode): Promise<number> =>
  (await streamSizes(node.bus)).find(({ stream }) => stream === 'TRANSFERS')?.messages ?? Number.NaN;

describe.each(JUMPS)('the clock is set $jump', ({ fromMs, toMs }) => {
  test('while a download runs: it completes, and the stream gets one message for it', async () => {
    const [source, node] = [await startNode(), await startNode()];
    const documentId = await documentOf(source, 4);
    node.peers.set(newPeerId(), peerAt(source.carrierPort));
    await limit(node, { downloadBytesPerSecond: MIB });
    setClock(fromMs);
    const download = await node.bus.request(StartDownload, { documentId });
    await eventually(async () => (await stateOf(node, download)).bytesDone > 0);
    setClock(toMs);
    await limit(node, {});
    await reaches(node, download, 'completed');
    await eventually(async () => (await transfers(node)) === 2); // requested, and ended
    await node.bus.request(StartDownload, { documentId: unknownDocument() });
    await eventually(async () => (await transfers(node)) >= 3);
    expect(await transfers(node)).toBe(3);
  });

  test('between commands: the later one counts', async () => {
    const node = await startNode();
    await limit(node, { activeDownloads: 1 });
    setClock(fromMs);
    const [first, second] = [
      await node.bus.request(StartDownload, { documentId: unknownDocument() }),
      await node.bus.request(StartDownload, { documentId: unknownDocument() }),
    ];
    await command(node, { do: 'pause' }, first);
    await command(node, { do: 'move-to-front' }, first);
    setClock(toMs);
    await command(node, { do: 'resume' }, first);
    expect((await stateOf(node, first)).state).not.toBe('paused');
    await command(node, { do: 'prioritise', priority: 'high' }, first);
    await command(node, { do: 'cancel' }, first);
    expect((await stateOf(node, first)).state).toBe('cancelled');
    setClock(toMs - HOUR_MS);
    await command(node, { do: 'retry' }, first);
    expect(['queued', 'active']).toContain((await stateOf(node, first)).state);
    await command(node, { do: 'prioritise', priority: 'normal' }, first);
    await command(node, { do: 'pause' }, second);
    await command(node, { do: 'move-to-front' }, second);
    await node.lose('transfer', 'desired-state'); // the facts of the stream are ordered likewise
    await eventually(async () => (await node.bus.request(ListDownloads, {})).items.length === 2);
    await reaches(node, second, 'paused');
    await command(node, { do: 'pause' }, first);
    await command(node, { do: 'resume' }, second);
    await command(node, { do: 'resume' }, first);
    await reaches(node, second, 'active'); // it was moved to the front last
    expect(await stateOf(node, first)).toMatchObject({ state: 'queued', priority: 'normal' });
  });

  test('before a restart after a crash: the node goes on with its downloads within six seconds', async () => {
    const [source, node] = [await startNode(), await startNode()];
    const documentId = await documentOf(source, 8);
    node.peers.set(newPeerId(), peerAt(source.carrierPort));
    await limit(node, { downloadBytesPerSecond: MIB });
    await node.stopService();
    const crashed = await TransferProcess.start({ ...node.environment, ...clockSet(fromMs) });
    processes.push(crashed);
    const download = await node.bus.request(StartDownload, { documentId });
    await eventually(async () => (await stateOf(node, download)).bytesDone > MIB);
    await crashed.stop();
    const next = await TransferProcess.start({ ...node.environment, ...clockSet(toMs) });
    processes.push(next);
    const before = await stateOf(node, download);
    await eventually(async () => (await stateOf(node, download)).bytesDone > before.bytesDone, { timeoutMs: 10_000 });
    await limit(node, {});
    await reaches(node, download, 'completed');
  });
});

test('a file that a wrong clock verified in the future is verified again', async () => {
  const node = await startNode();
  await node.add('file.txt', randomBytes(1_000));
  const documentId = await eventually(async () => (await node.bus.request(ListDocuments, {})).items[0]?.documentId);
  const verifiedAtMs = async () => (await node.bus.request(GetFixity, { documentId })).files[0]?.verifiedAtMs ?? 0;
  const first = await verifiedAtMs();
  setClock(-2 * HOUR_MS);
  await node.restart(); // it looks at its start
  await eventually(async () => (await verifiedAtMs()) < first - HOUR_MS);
});
