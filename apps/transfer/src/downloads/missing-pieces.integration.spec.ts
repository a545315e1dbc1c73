// Real: nats-server, transfer's whole module, files, carrier connections. Stands in: p2p-node, by a splice of sockets that
// changes bytes where a test says so; the steady clock, where a test lets it jump.
import { randomBytes } from 'node:crypto';
import { open, readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { callCarrier } from '@allibrary/carrier';
import {
  AuditSettings,
  CommandDownloads,
  type Download,
  DownloadRequested,
  DownloadSteered,
  FileFound,
  GetAuditReport,
  GetDocument,
  GetDownload,
  GetFixity,
  ListDocuments,
  PIECES_PROTOCOL,
  PeerOffended,
  StartAudit,
  StartDownload,
} from '@allibrary/contracts';
import { parseCid } from '@allibrary/core';
import { Settings } from '@allibrary/messaging';
import { eventually } from '@allibrary/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { corrupts } from '../testing/peer-behaviours.ts';
import { CARRIER_TOKEN, type TransferNode, newPeerId, peerAt, startNode } from '../testing/transfer-fixture.ts';
import { unknownDocument } from '../testing/unknown-documents.ts';
import { BufferPool } from '../wire/buffer-pool.ts';
import { RefusalCode } from '../wire/messages.ts';
import { PieceClient } from '../wire/piece-client.ts';

const MIB = 1_048_576;
const PIECES = 8;
const DAMAGED = 5;
const PATIENCE = { timeoutMs: 30_000 };
const YEARS_MS = 10 * 365 * 24 * 3_600_000;

afterEach(() => {
  vi.restoreAllMocks();
});

/** A node that shares a new document of eight pieces, whose file has a time that Node can set again exactly. */
async function startSource(bytes = randomBytes((PIECES - 1) * MIB + 77)) {
  const source = await startNode();
  const file = await open(join(source.library, 'book.bin'), 'w');
  await file.writeFile(bytes);
  await file.utimes(1_700_000_000, 1_700_000_000);
  await file.close();
  const found = { collection: 'library', path: 'book.bin', sizeBytes: bytes.length, modifiedAtMs: 0 };
  await source.bus.publish(FileFound, { ...found, observedAtMs: Date.now() });
  const documentId = await eventually(async () => (await source.bus.request(ListDocuments, {})).items[0]?.documentId);
  return { source, bytes, documentId };
}

/** Writes into a file behind the file system's back, as far as a test can: its size, inode and time stay. */
async function overwrite(node: TransferNode, bytes: Uint8Array): Promise<void> {
  const file = await open(join(node.library, 'book.bin'), 'r+');
  const { atime, mtime } = await file.stat();
  await file.write(bytes, 0, bytes.length, DAMAGED * MIB);
  await file.close();
  await utimes(join(node.library, 'book.bin'), atime, mtime);
}

const stateOf = (node: TransferNode, { id }: Pick<Download, 'id'>) => node.bus.request(GetDownload, { id });
const command = (node: TransferNode, doing: 'retry' | 'pause' | 'cancel', { id }: Pick<Download, 'id'>) =>
  node.bus.request(CommandDownloads, { ids: [id], command: { do: doing } });

const reaches = (node: TransferNode, download: Download, expected: Partial<Download>, patience = PATIENCE) =>
  eventually(async () => {
    const found = await stateOf(node, download);
    expect(found).toMatchObject(expected);
    return found;
  }, patience);

async function expectSame(node: TransferNode, bytes: Buffer): Promise<void> {
  const { items } = await node.bus.request(ListDocuments, {});
  expect(bytes.equals(await readFile(join(node.library, items[0]?.locations[0]?.path ?? 'missing')))).toBe(true);
}

/** Lets the steady clock of this process jump. */
function jumpingClock(): (byMs: number) => void {
  const steadyMs = performance.now.bind(performance);
  let aheadMs = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => steadyMs() + aheadMs);
  return (byMs) => void (aheadMs += byMs);
}

describe('the only source can’t give one piece', () => {
  /** A download that has all but the damaged piece. */
  async function startStalled() {
    const { source, bytes, documentId } = await startSource();
    await overwrite(source, Buffer.from('damage'));
    await source.bus.request(StartAudit, { documentId });
    await audited(source, documentId, 'damaged');
    const node = await startNode();
    node.peers.set(newPeerId(), peerAt(source.carrierPort));
    const download = await node.bus.request(StartDownload, { documentId });
    return { source, node, download, bytes, documentId };
  }

  const stalled = { state: 'active', cause: 'missing-pieces', bytesDone: (PIECES - 2) * MIB + 77 } as const;

  async function repair(source: TransferNode, bytes: Buffer, documentId: string): Promise<void> {
    await overwrite(source, bytes.subarray(DAMAGED * MIB, (DAMAGED + 1) * MIB));
    await source.bus.request(StartAudit, { documentId });
    await audited(source, documentId, 'sound');
  }

  test('the download has a cause and a reason, and completes within a minute of the source having it again', async () => {
    const jump = jumpingClock();
    const { source, node, download, bytes, documentId } = await startStalled();
    const { reason } = await reaches(node, download, stalled);
    expect(reason).toBe(
      `The only source cannot give the ${MIB} bytes that are missing. It is tried again within a minute.`,
    );
    await repair(source, bytes, documentId);
    expect(await stateOf(node, download)).toMatchObject(stalled);
    jump(31_000);
    await reaches(node, download, { state: 'completed', cause: null, reason: null });
    await expectSame(node, bytes);
  });

  test('retry asks at once', async () => {
    const { source, node, download, bytes, documentId } = await startStalled();
    await reaches(node, download, stalled);
    await repair(source, bytes, documentId);
    await command(node, 'retry', download);
    await reaches(node, download, { state: 'completed' }, { timeoutMs: 10_000 }); // less than it would wait by itself
    await expectSame(node, bytes);
  });
});

async function audited(node: TransferNode, documentId: string, state: 'sound' | 'damaged'): Promise<void> {
  await eventually(async () => {
    const { current } = await node.bus.request(GetAuditReport, {});
    const { files } = await node.bus.request(GetFixity, { documentId });
    return current === null && files[0]?.state === state;
  }, PATIENCE);
}

describe('a source sends a wrong piece', () => {
  test('once: it is asked for the piece again at once, and for all others', async () => {
    const { source, bytes, documentId } = await startSource();
    const node = await startNode();
    const asked: number[] = [];
    const isWrong = (index: number, count: number) => index === DAMAGED && count === 1;
    node.peers.set(
      newPeerId(),
      corrupts(peerAt(source.carrierPort), { isWrong, onAsked: (index) => asked.push(index) }),
    );
    const download = await node.bus.request(StartDownload, { documentId });
    await reaches(node, download, { state: 'completed' });
    await expectSame(node, bytes);
    expect(asked.filter((index) => index === DAMAGED)).toHaveLength(2);
    expect(asked).toHaveLength(PIECES + 1);
  });

  test('always: it is asked for its other pieces after a while, and another source completes the document', async () => {
    const jump = jumpingClock();
    const { source, bytes, documentId } = await startSource();
    const node = await startNode();
    const isWrong = (index: number) => index === DAMAGED;
    const liar = newPeerId();
    node.peers.set(liar, corrupts(peerAt(source.carrierPort), { isWrong }));
    const { reported, stop } = await watchMisbehaviour(node);
    const download = await node.bus.request(StartDownload, { documentId });
    await eventually(() => reported.includes(liar), PATIENCE);
    await reaches(node, download, {
      reason: `The only peer that was asked cannot give this document now (piece ${DAMAGED} was wrong twice). It is tried again within a minute.`,
    });
    jump(31_000);
    await reaches(node, download, { bytesDone: bytes.length - MIB, cause: 'missing-pieces' });
    await stop();
    expect(new Set(reported)).toEqual(new Set([liar]));
    node.peers.set(newPeerId(), peerAt(source.carrierPort));
    await reaches(node, download, { state: 'completed' });
    await expectSame(node, bytes);
  });

  test('because its disk was damaged unnoticed: it finds the damage, and gives all other pieces', async () => {
    const { source, bytes, documentId } = await startSource();
    await new Settings(source.bus).write(AuditSettings, { checkOneServedPieceIn: 1_000_000, enabled: false });
    await source.restart(); // the settings are in force
    await overwrite(source, Buffer.from('damage'));
    const node = await startNode();
    node.peers.set(newPeerId(), peerAt(source.carrierPort));
    const download = await node.bus.request(StartDownload, { documentId });
    await reaches(node, download, { cause: 'missing-pieces', bytesDone: bytes.length - MIB });
    const { files } = await source.bus.request(GetFixity, { documentId });
    expect(files[0]?.state).toBe('damaged');
  });

  test('it verifies a piece that is asked for a second time, and then the whole document', async () => {
    const { source, documentId } = await startSource();
    await new Settings(source.bus).write(AuditSettings, { checkOneServedPieceIn: 1_000_000, enabled: true });
    await source.restart(); // the settings are in force
    const isAudited = async () => (await source.bus.request(GetDocument, { documentId })).sha256 !== null;
    await eventually(isAudited, PATIENCE); // else the first audit may find the damage
    const client = await openClient(source);
    const piece = async (index: number) => {
      const bytes = await client.piece(parseCid(documentId), index, AbortSignal.timeout(10_000));
      return bytes.subarray(0, 6).toString();
    };
    await overwrite(source, Buffer.from('damage'));
    await piece(0); // the first one of a changed file is verified in any case
    expect(await piece(DAMAGED)).toBe('damage');
    await expect(piece(DAMAGED)).rejects.toMatchObject({ code: RefusalCode.Unreadable });
    await expect(piece(DAMAGED)).rejects.toMatchObject({ code: RefusalCode.Unreadable });
    await audited(source, documentId, 'damaged');
    client.close();
  });
});

/** Notes the peers whose misbehaviour is reported to p2p-node. */
async function watchMisbehaviour(node: TransferNode) {
  const [reported, stopping] = [[] as string[], new AbortController()];
  const watching = (async () => {
    for await (const { peerId } of node.bus.watch(PeerOffended, stopping.signal)) reported.push(peerId);
  })();
  await node.bus.connection.flush();
  const stop = async () => {
    stopping.abort();
    await watching;
  };
  return { reported, stop };
}

async function openClient({ carrierPort: port }: TransferNode): Promise<PieceClient> {
  const header = { kind: 'peer', peerId: newPeerId(), protocol: PIECES_PROTOCOL } as const;
  const call = { host: '127.0.0.1', port, token: CARRIER_TOKEN, header, timeoutMs: 2_000 };
  return PieceClient.open((onBytes) => callCarrier({ ...call, onBytes }), {
    pool: new BufferPool(),
    onReceived: () => {},
  });
}

describe('an id that nobody has', () => {
  test('says that nobody is known to have it', async () => {
    const node = await startNode();
    const download = await node.bus.request(StartDownload, { documentId: unknownDocument() });
    const reason = 'No peer is known that has this document. It is looked for again every few seconds.';
    expect(await reaches(node, download, { reason })).toMatchObject({ state: 'active', cause: 'no-source' });
  });

  test('says how many were asked in vain, and what the last of them answered', async () => {
    const { source } = await startSource();
    const node = await startNode();
    node.peers.set(newPeerId(), peerAt(source.carrierPort)).set(newPeerId(), peerAt(source.carrierPort));
    const download = await node.bus.request(StartDownload, { documentId: unknownDocument() });
    const answer = 'this document is not shared here';
    const reason = `None of the 2 peers that were asked can give this document now (${answer}). It is tried again within a minute.`;
    expect(await reaches(node, download, { reason })).toMatchObject({ state: 'active', cause: 'no-source' });
  });
});

test('orders whose times lie years ahead, stored by a wrong clock, block nothing', async () => {
  const { source, bytes, documentId } = await startSource();
  const node = await startNode();
  const laterMs = Date.now() + YEARS_MS;
  const id = '5e1bd3f2-9a0e-4f0e-9d29-0f6a8a1a9c12';
  const desired = { isPaused: false, priority: 'normal', frontAtMs: laterMs, wantedAtMs: laterMs } as const;
  await node.bus.publish(DownloadRequested, { id, documentId, requestedAtMs: laterMs });
  await node.bus.publish(DownloadSteered, { id, documentId, ...desired, steeredAtMs: laterMs });
  await eventually(async () => (await stateOf(node, { id })).state === 'active', PATIENCE);
  await command(node, 'cancel', { id });
  expect((await stateOf(node, { id })).state).toBe('cancelled');
  await command(node, 'retry', { id });
  node.peers.set(newPeerId(), peerAt(source.carrierPort));
  await eventually(async () => (await stateOf(node, { id })).state === 'completed', PATIENCE);
  await expectSame(node, bytes);
  await node.lose('transfer'); // and it stays so when it is read again
  expect((await stateOf(node, { id })).state).toBe('completed');
});
