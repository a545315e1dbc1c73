// Real: nats-server, transfer's whole module, files, carrier connections. Stands in: p2p-node, by a splice of sockets.
import { createHash, randomBytes } from 'node:crypto';
import { open, readFile, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AuditSettings,
  CollectionsSettings,
  FileFound,
  type FileFixity,
  GetAuditReport,
  GetDocument,
  GetDownload,
  GetFixity,
  ListDocuments,
  StartAudit,
  StartDownload,
} from '@allibrary/contracts';
import { Settings } from '@allibrary/messaging';
import { eventually } from '@allibrary/testing';
import { expect, test } from 'vitest';
import { type TransferNode, newPeerId, peerAt, startNode } from '../testing/transfer-fixture.ts';

const MIB = 1_048_576;
const PATIENCE = { timeoutMs: 30_000 };

async function added(node: TransferNode, path: string, bytes: Uint8Array): Promise<string> {
  await node.add(path, bytes);
  const document = await eventually(
    async () =>
      (await node.bus.request(ListDocuments, {})).items.find(({ locations }) =>
        locations.some((location) => location.path === path),
      ),
    PATIENCE,
  );
  return document.documentId;
}

/** Flips one bit behind the file system's back, as far as a test can: the file keeps its size, inode and time. */
async function flipBit(node: TransferNode, path: string, offset: number): Promise<void> {
  const absolute = join(node.library, path);
  const { atimeMs, mtimeMs } = await stat(absolute);
  const file = await open(absolute, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, offset);
  byte[0] = (byte[0] ?? 0) ^ 4;
  await file.write(byte, 0, 1, offset);
  await file.close();
  await utimes(absolute, atimeMs / 1_000, mtimeMs / 1_000);
  expect((await stat(absolute)).mtimeMs).toBe(mtimeMs);
}

/** A file with a time of whole microseconds, which Node can set again exactly. */
async function addedWithPlainTime(node: TransferNode, path: string, bytes: Uint8Array): Promise<string> {
  await node.add(
    'elsewhere.tmp',
    Buffer.from('the first file, so that the next is not reported before its time is set'),
  );
  const file = await open(join(node.library, path), 'w');
  await file.writeFile(bytes);
  await file.utimes(1_700_000_000, 1_700_000_000);
  await file.close();
  const found = { collection: 'library', path, sizeBytes: bytes.length, modifiedAtMs: 0, observedAtMs: Date.now() };
  await node.bus.publish(FileFound, found);
  const document = await eventually(
    async () => (await node.bus.request(ListDocuments, {})).items.find(({ name }) => name === path),
    PATIENCE,
  );
  return document.documentId;
}

const fixity = async (node: TransferNode, documentId: string): Promise<FileFixity | undefined> =>
  (await node.bus.request(GetFixity, { documentId })).files[0];

const becomes = (node: TransferNode, documentId: string, state: FileFixity['state'], repaired: boolean) =>
  eventually(async () => {
    const file = await fixity(node, documentId);
    return file?.state === state && (file.repairedAtMs !== null) === repaired && file;
  }, PATIENCE);

async function makeReadOnly(node: TransferNode): Promise<void> {
  const settings = new Settings(node.bus);
  const collection = { id: 'library', name: 'Library', folder: node.library, writable: false };
  await settings.write(CollectionsSettings, { collections: [collection] });
}

test('a damaged piece is never served: the asker gets it elsewhere, and the seeder repairs itself', async () => {
  const [seeder, other, asker] = [await startNode(), await startNode(), await startNode()];
  const bytes = randomBytes(3 * MIB + 9);
  const documentId = await addedWithPlainTime(seeder, 'book.pdf', bytes);
  await added(other, 'book.pdf', bytes);
  const settings = new Settings(seeder.bus);
  await settings.write(AuditSettings, { checkOneServedPieceIn: 1, repair: true });
  await seeder.restart(); // from now on it is in force
  await flipBit(seeder, 'book.pdf', MIB + 100);
  asker.peers.set(newPeerId(), peerAt(seeder.carrierPort));
  const { id } = await asker.bus.request(StartDownload, { documentId });
  await becomes(seeder, documentId, 'damaged', false);
  const healer = newPeerId();
  asker.peers.set(newPeerId(), peerAt(other.carrierPort));
  await eventually(async () => (await asker.bus.request(GetDownload, { id })).state === 'completed', PATIENCE);
  expect(bytes.equals(await readFile(join(asker.library, 'book.pdf')))).toBe(true);
  // The healer is found only from now on: what could not be repaired is tried again right after the start.
  await seeder.restart(() => void seeder.peers.set(healer, peerAt(other.carrierPort)));
  expect(await becomes(seeder, documentId, 'sound', true)).toMatchObject({ repairedFrom: [healer] });
  expect(bytes.equals(await readFile(join(seeder.library, 'book.pdf')))).toBe(true);
});

test('the audit finds a flipped bit, repairs it from another file, and gives the SHA-256 of the whole', async () => {
  const node = await startNode();
  const bytes = randomBytes(2 * MIB + 1);
  const documentId = await addedWithPlainTime(node, 'a.bin', bytes);
  await node.add('b.bin', bytes);
  await eventually(async () => (await node.bus.request(GetDocument, { documentId })).locations.length === 2, PATIENCE);
  await flipBit(node, 'a.bin', 2 * MIB);
  await node.bus.request(StartAudit, { documentId });
  // Repairs are off until somebody turns them on, which holds at once.
  const { reason } = await becomes(node, documentId, 'damaged', false);
  expect(reason).toContain('Repairs are off');
  await new Settings(node.bus).write(AuditSettings, { repair: true });
  expect(await becomes(node, documentId, 'sound', true)).toMatchObject({ repairedFrom: [] });
  expect(bytes.equals(await readFile(join(node.library, 'a.bin')))).toBe(true);
  expect((await stat(join(node.library, 'a.bin'))).mtimeMs).toBe(1_700_000_000_000);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await eventually(async () => (await node.bus.request(GetDocument, { documentId })).sha256 === sha256, PATIENCE);
  expect(await node.bus.request(GetAuditReport, {})).toMatchObject({ damaged: 0, repaired: 1, damagedFiles: [] });
});

test('a read-only collection is reported, and never written', async () => {
  const node = await startNode();
  const bytes = randomBytes(MIB + 1);
  const documentId = await addedWithPlainTime(node, 'a.bin', bytes);
  await node.add('b.bin', bytes);
  await eventually(async () => (await node.bus.request(GetDocument, { documentId })).locations.length === 2, PATIENCE);
  await makeReadOnly(node);
  await node.restart();
  await flipBit(node, 'a.bin', 5);
  const before = await readFile(join(node.library, 'a.bin'));
  await node.bus.request(StartAudit, {});
  const file = await becomes(node, documentId, 'damaged', false);
  expect(file).toMatchObject({ damagedPieces: 1, reason: expect.stringContaining('read-only') });
  await node.restart(); // the repair had its chance by the end of this
  expect(before.equals(await readFile(join(node.library, 'a.bin')))).toBe(true);
  expect((await node.bus.request(GetAuditReport, {})).damagedFiles).toHaveLength(1);
});

test('an edit while the audit reads is no damage', async () => {
  const node = await startNode();
  const settings = new Settings(node.bus);
  await settings.write(AuditSettings, { bytesPerSecond: MIB });
  await node.restart(); // from now on it is in force
  const documentId = await addedWithPlainTime(node, 'a.bin', randomBytes(4 * MIB));
  await node.bus.request(StartAudit, { documentId });
  await eventually(async () => (await node.bus.request(GetAuditReport, {})).current?.path === 'a.bin', PATIENCE);
  const file = await open(join(node.library, 'a.bin'), 'r+');
  await file.write(randomBytes(4 * MIB), 0, 4 * MIB, 0); // the watcher has not said so yet
  await file.close();
  expect((await node.bus.request(GetAuditReport, {})).current?.path).toBe('a.bin'); // it has not been read to its end
  await eventually(async () => (await node.bus.request(GetAuditReport, {})).overdue === 0, PATIENCE);
  expect(await node.bus.request(GetAuditReport, {})).toMatchObject({ damaged: 0, current: null });
});
