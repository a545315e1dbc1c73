// Real: nats-server, transfer's whole module, files on two file systems, carrier connections. Stands in: p2p-node, by a
// splice of sockets; the watcher, by its signals; a file system that refuses a name, by a failing system call.
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { cp, mkdtemp, open, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CollectionChanged,
  type CollectionStatus,
  CollectionsSettings,
  CommandDownloads,
  type Download,
  GetDownload,
  LimitsSettings,
  ListDocuments,
  StartDownload,
} from '@allibrary/contracts';
import { OpenedFolder, folderIdentity } from '@allibrary/library';
import { Settings } from '@allibrary/messaging';
import { eventually } from '@allibrary/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type TransferNode, newPeerId, peerAt, startTransfer } from '../../testing/transfer-fixture.ts';

const MIB = 1_048_576;
const PIECES = 12;
const PATIENCE = { timeoutMs: 40_000 };
const SAFE = 2;

let source: TransferNode;
let node: TransferNode;
/** A folder on another file system. */
let otherDisk: string;
let bytes: Buffer;
let documentId: string;

beforeEach(async () => {
  otherDisk = await mkdtemp('/dev/shm/allibrary-');
  [source, node] = await Promise.all([startTransfer(), startTransfer({ ALLIBRARY_LIBRARY_ROOTS: otherDisk })]);
  bytes = randomBytes(PIECES * MIB - 5);
  documentId = await shared('book.bin', bytes);
  node.peers.set(newPeerId(), peerAt(source.carrierPort));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all([source, node].map((each) => each.stop()));
  await rm(otherDisk, { recursive: true });
});

async function shared(name: string, content: Buffer): Promise<string> {
  await source.add(name, content);
  const document = await eventually(async () =>
    (await source.bus.request(ListDocuments, {})).items.find((each) => each.name === name),
  );
  return document.documentId;
}

const limit = async (bytesPerSecond: number | null): Promise<void> => {
  const limits = LimitsSettings.schema.parse({ downloadBytesPerSecond: bytesPerSecond });
  await new Settings(node.bus).write(LimitsSettings, limits);
};
const find = ({ id }: Pick<Download, 'id'>): Promise<Download> => node.bus.request(GetDownload, { id });
const reaches = (download: Download, expected: Partial<Download>): Promise<Download> =>
  eventually(async () => {
    const found = await find(download);
    expect(found).toMatchObject(expected);
    return found;
  }, PATIENCE);

/** A download that has fetched a third, and goes on slowly. */
async function startSlowly(): Promise<Download> {
  await limit(2 * MIB);
  const download = await node.bus.request(StartDownload, { documentId });
  await eventually(async () => (await find(download)).bytesDone > (PIECES / 3) * MIB, PATIENCE);
  return download;
}

const given = ({ sources }: Download): number => sources.reduce((sum, each) => sum + each.bytes, 0);
const partials = (library: string): Promise<string[]> => readdir(join(library, '.allibrary/partial'));

/** Two collections, of which the second or the first takes downloads. */
async function chooseFolder(folder: string): Promise<void> {
  const collections = [
    { id: 'library', name: 'Library', folder: node.library, takesDownloads: folder === node.library },
    { id: 'other', name: 'Other', folder: otherDisk, takesDownloads: folder === otherDisk },
  ];
  await new Settings(node.bus).write(CollectionsSettings, CollectionsSettings.schema.parse({ collections }));
}

function report(state: CollectionStatus['state'], folder: string | null): void {
  node.bus.signal(CollectionChanged, {
    ...{ id: 'library', state, folderIdentity: folder, watchMode: 'events', watchModeReason: 'a test', scan: null },
    ...{ evidence: state === 'frozen' ? '9 of 9 files vanished' : null, remedy: null },
    ...{ knownFiles: 1, waitingFiles: 0, lastScanAtMs: 1 },
  });
}

describe('the folder for downloads is changed to one on another disk', () => {
  test('while a download runs: it completes there, nothing is fetched twice, and nothing is left', async () => {
    const download = await startSlowly();
    await chooseFolder(otherDisk);
    await eventually(async () => (await partials(otherDisk).catch(() => [])).length > 0, PATIENCE);
    await limit(null);
    const completed = await reaches(download, { state: 'completed', bytesDone: bytes.length });
    expect(given(completed)).toBeLessThanOrEqual(bytes.length + 2 * MIB); // what was under way when it changed
    expect(bytes.equals(await readFile(join(otherDisk, 'book.bin')))).toBe(true);
    expect([await partials(node.library), await partials(otherDisk)]).toEqual([[], []]);
  });

  test('while it is paused: what was cancelled then leaves nothing in either folder', async () => {
    const download = await startSlowly();
    await node.bus.request(CommandDownloads, { ids: [download.id], command: { do: 'pause' } });
    await eventually(async () => (await partials(node.library)).length === 2, PATIENCE);
    await chooseFolder(otherDisk);
    await node.bus.request(CommandDownloads, { ids: [download.id], command: { do: 'cancel' } });
    await eventually(async () => (await partials(node.library)).length === 0, PATIENCE);
  });
});

test('the disk is replaced by a copy on purpose: the download goes on with what was fetched', async () => {
  const download = await startSlowly();
  await node.bus.request(CommandDownloads, { ids: [download.id], command: { do: 'pause' } });
  await eventually(async () => (await find(download)).state === 'paused', PATIENCE);
  const { bytesDone } = await find(download);
  await rename(node.library, `${node.library}.old`);
  await cp(`${node.library}.old`, node.library, { recursive: true });
  await rm(`${node.library}.old`, { recursive: true });
  await node.bus.request(CommandDownloads, { ids: [download.id], command: { do: 'resume' } });
  await reaches(download, { state: 'paused', cause: 'collection' }); // until the watcher has looked at the new disk
  await limit(null);
  report('watching', folderIdentity(await stat(node.library)));
  const completed = await reaches(download, { state: 'completed' });
  expect(given(completed)).toBeLessThanOrEqual(bytes.length + 2 * MIB);
  expect(bytesDone).toBeGreaterThan(0);
  expect(bytes.equals(await readFile(join(node.library, 'book.bin')))).toBe(true);
});

test('a frozen collection holds its downloads, those that wait as well, and they go on right after', async () => {
  const download = await startSlowly();
  const waiting = await node.bus.request(StartDownload, { documentId: await shared('second.bin', randomBytes(MIB)) });
  report('frozen', null);
  const held = await reaches(download, { state: 'paused', cause: 'collection' });
  expect(held.reason).toContain('9 of 9 files vanished');
  await reaches(waiting, { state: 'paused', cause: 'collection' });
  await limit(null);
  report('watching', folderIdentity(await stat(node.library)));
  await Promise.all([download, waiting].map((each) => reaches(each, { state: 'completed' })));
});

describe('a file system refuses a name', () => {
  test.each([
    ['EINVAL', '_CON.txt'],
    ['EILSEQ', '_CON.txt'],
    ['ENAMETOOLONG', '_CON.txt'],
  ])('with %s: the document gets a changed name', async (code, name) => {
    const content = randomBytes(1_000);
    const refused = await shared('CON.txt', content);
    refuseName('CON.txt', code);
    const download = await node.bus.request(StartDownload, { documentId: refused });
    await reaches(download, { state: 'completed' });
    expect(content.equals(await readFile(join(node.library, name)))).toBe(true);
  });

  test('and has no links: the document gets a changed name', async () => {
    const content = randomBytes(1_000);
    const refused = await shared('CON.txt', content);
    refuseName('CON.txt', 'EINVAL', { hasLinks: false });
    const download = await node.bus.request(StartDownload, { documentId: refused });
    await reaches(download, { state: 'completed' });
    expect(content.equals(await readFile(join(node.library, '_CON.txt')))).toBe(true);
  });
});

const errorOf = (code: string): Error => Object.assign(new Error(`${code}: refused`), { code });

/** Makes the system calls that create this name fail, and all links on a file system that has none. */
function refuseName(name: string, code: string, { hasLinks = true } = {}): void {
  const { link, file } = OpenedFolder.prototype;
  vi.spyOn(OpenedFolder.prototype, 'link').mockImplementation(function (this: OpenedFolder, from, folder, to) {
    if (!hasLinks) return Promise.reject(errorOf('EPERM'));
    return to === name ? Promise.reject(errorOf(code)) : link.call(this, from, folder, to);
  });
  vi.spyOn(OpenedFolder.prototype, 'file').mockImplementation(function (this: OpenedFolder, ...call) {
    const isCreation = ((call[1] ?? 0) & constants.O_CREAT) !== 0;
    return call[0] === name && isCreation ? Promise.reject(errorOf(code)) : file.apply(this, call);
  });
}

test('bytes that were damaged between two runs are fetched again: what is complete is right', async () => {
  const download = await startSlowly();
  const { bytesDone } = await find(download);
  await node.restart(async () => damageFirstPiece());
  await limit(null);
  const completed = await reaches(download, { state: 'completed' });
  expect(bytes.equals(await readFile(join(node.library, 'book.bin')))).toBe(true);
  expect(given(completed)).toBeGreaterThan(bytes.length);
  expect(given(completed)).toBeLessThan(bytes.length + bytesDone);
});

/** Damages a piece of the partial file that its record calls safe. */
async function damageFirstPiece(): Promise<void> {
  const path = join(node.library, '.allibrary/partial', `${documentId}.part`);
  const record = await readFile(`${path}.pieces`);
  const states = record.subarray(-PIECES);
  const first = states.findIndex((state) => state !== 0);
  expect(first).toBeGreaterThanOrEqual(0);
  for (const [index, state] of states.entries()) if (state !== 0) states[index] = SAFE;
  await writeFile(`${path}.pieces`, record);
  const file = await open(path, 'r+');
  await file.write(Buffer.from('damage'), 0, 6, first * MIB);
  await file.close();
}
