// Real: nats-server, transfer's whole module, files, carrier connections. Stands in: the watcher, by its signals; p2p-node, by a splice of sockets.
import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { callCarrier } from '@allibrary/carrier';
import {
  CollectionChanged,
  type CollectionStatus,
  CollectionsSettings,
  type Download,
  FileFound,
  FileLost,
  GetDownload,
  type LibraryDocument,
  ListDocuments,
  PIECES_PROTOCOL,
  ProbeCollection,
  StartDownload,
} from '@allibrary/contracts';
import { parseCid } from '@allibrary/core';
import { Settings } from '@allibrary/messaging';
import { eventually } from '@allibrary/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BufferPool } from '../wire/buffer-pool.ts';
import { RefusalCode } from '../wire/messages.ts';
import { PieceClient, RefusedByPeer } from '../wire/piece-client.ts';
import { CARRIER_TOKEN, type TransferNode, newPeerId, peerAt, startTransfer } from '../testing/transfer-fixture.ts';

const LIMITS = { timeoutMs: 40_000 };
let node: TransferNode;
const others: TransferNode[] = [];

beforeEach(async () => {
  node = await startTransfer();
});
afterEach(async () => {
  await Promise.all([node, ...others.splice(0)].map((each) => each.stop()));
});

const inLibrary = (path: string): string => join(node.library, path);
const documents = async (): Promise<readonly LibraryDocument[]> =>
  (await node.bus.request(ListDocuments, { limit: 200 })).items;
const named = async (name: string): Promise<LibraryDocument | undefined> =>
  (await documents()).find((each) => each.name === name);

async function write(path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(inLibrary(path)), { recursive: true });
  await writeFile(inLibrary(path), content);
}

const found = (collection: string, path: string): Promise<void> =>
  node.bus.publish(FileFound, { collection, path, sizeBytes: 1, modifiedAtMs: 0, observedAtMs: Date.now() });

interface Wanted {
  readonly id: string;
  readonly folder: string;
  readonly visibility?: 'public' | 'private';
  readonly takesDownloads?: boolean;
}

async function choose(...collections: Wanted[]): Promise<void> {
  const named = collections.map((each) => ({ ...each, name: each.id }));
  await new Settings(node.bus).write(CollectionsSettings, CollectionsSettings.schema.parse({ collections: named }));
}

function report(state: CollectionStatus['state'], change: Partial<CollectionStatus> = {}): void {
  const isWell = state === 'watching';
  node.bus.signal(CollectionChanged, {
    ...{ id: 'library', state, folderIdentity: null, watchMode: 'events', watchModeReason: 'a test', scan: null },
    ...{ evidence: isWell ? null : '9 of 9 files vanished', remedy: isWell ? null : 'Mount its disk.' },
    ...{ knownFiles: 1, waitingFiles: 0, lastScanAtMs: 1, ...change },
  });
}

/** What a peer is told of a document: its name, or that it is not shared. */
async function toldToPeer(documentId: string): Promise<string> {
  const header = { kind: 'peer', peerId: newPeerId(), protocol: PIECES_PROTOCOL } as const;
  const call = { host: '127.0.0.1', port: node.carrierPort, token: CARRIER_TOKEN, header, timeoutMs: 2_000 };
  const client = await PieceClient.open((onBytes) => callCarrier({ ...call, onBytes }), {
    pool: new BufferPool(),
    onReceived: () => {},
  });
  try {
    return (await client.describe(parseCid(documentId), AbortSignal.timeout(5_000))).name;
  } catch (error) {
    if (error instanceof RefusedByPeer && error.code === RefusalCode.NotShared) return 'not shared';
    throw error;
  } finally {
    client.close(new Error('the test has its answer'));
  }
}

const stateOf = (at: TransferNode, { id }: Download): Promise<Download> => at.bus.request(GetDownload, { id });
const isComplete = (at: TransferNode, download: Download) =>
  eventually(async () => (await stateOf(at, download)).state === 'completed', LIMITS);

describe('private wins', () => {
  beforeEach(async () => {
    await choose(
      { id: 'open', folder: inLibrary('open') },
      { id: 'priv', folder: inLibrary('priv'), visibility: 'private' },
    );
    await write('open/other.txt', 'okapi');
    await mkdir(inLibrary('priv'), { recursive: true });
    await found('open', 'other.txt');
    await eventually(async () => (await named('other.txt'))?.isPublic);
  });

  test('over a record of the same file in a public collection that is left', async () => {
    await write('open/letter.txt', 'my letter');
    await found('open', 'letter.txt');
    const letter = await eventually(() => named('letter.txt'));
    expect(await toldToPeer(letter.documentId)).toBe('letter.txt');
    await rename(inLibrary('open/letter.txt'), inLibrary('priv/letter.txt'));
    await found('priv', 'letter.txt'); // and nobody reports that the public name is gone
    await eventually(async () => (await named('letter.txt'))?.isPublic === false);
    expect(await toldToPeer(letter.documentId)).toBe('not shared');
    await node.restart();
    await eventually(async () => {
      const document = await named('letter.txt');
      expect(document?.isPublic).toBe(false);
      return document?.isAvailable; // once the watcher has reported its collections
    });
  });

  test('over a hard link in a public collection, whichever was found first', async () => {
    await write('priv/letter.txt', 'my letter');
    await link(inLibrary('priv/letter.txt'), inLibrary('open/linked.txt'));
    await found('priv', 'letter.txt');
    await eventually(() => named('letter.txt'));
    await found('open', 'linked.txt');
    await eventually(async () => (await documents()).some(({ locations }) => locations.length === 2));
    expect((await documents()).find(({ locations }) => locations.length === 2)?.isPublic).toBe(false);
  });

  test('but a public file of its own makes the same bytes public', async () => {
    await write('priv/letter.txt', 'a known text');
    await write('open/copy.txt', 'a known text');
    await found('priv', 'letter.txt');
    await found('open', 'copy.txt');
    await eventually(async () => (await named('copy.txt'))?.isPublic);
    expect(await named('letter.txt')).toBeUndefined(); // a private file gives its name to no public document
  });
});

describe('a folder setting that changes, while no watcher runs', () => {
  beforeEach(async () => {
    await write('open/a.txt', 'okapi');
    await write('priv/letter.txt', 'my letter');
    await found('library', 'open/a.txt');
    await found('library', 'priv/letter.txt');
    await eventually(async () => (await documents()).length === 2);
    await eventually(async () => (await named('letter.txt'))?.isPublic);
  });

  test('a narrowed folder: what lies outside leaves at once, what lies inside stays shared', async () => {
    const letter = await named('letter.txt');
    await choose({ id: 'library', folder: inLibrary('open') });
    await eventually(async () => (await named('letter.txt')) === undefined);
    await eventually(async () => (await named('a.txt'))?.isPublic);
    expect(await documents()).toMatchObject([{ locations: [{ collection: 'library', path: 'a.txt' }] }]);
    expect(await toldToPeer(letter?.documentId ?? '')).toBe('not shared');
  });

  test('another folder: all leaves at once, also across a restart', async () => {
    await mkdir(inLibrary('films'));
    await choose({ id: 'library', folder: inLibrary('films') });
    await eventually(async () => (await documents()).length === 0);
    await node.restart();
    expect(await documents()).toEqual([]);
  });

  test('a wider folder: what is known stays', async () => {
    await choose({ id: 'library', folder: inLibrary('open') });
    await eventually(async () => (await documents()).length === 1);
    await choose({ id: 'library', folder: inLibrary('') });
    await eventually(async () => (await named('a.txt'))?.locations[0]?.path === 'open/a.txt');
    await eventually(async () => (await named('a.txt'))?.isPublic);
  });
});

describe('a frozen collection', () => {
  test('is not offered, across a restart without the watcher, and comes back by itself', async () => {
    await node.add('a.txt', Buffer.from('okapi'));
    const document = await eventually(() => named('a.txt'));
    report('frozen');
    await eventually(async () => (await named('a.txt'))?.isAvailable === false);
    expect(await named('a.txt')).toMatchObject({ isPublic: false });
    expect(await toldToPeer(document.documentId)).toBe('not shared');
    await node.restart();
    expect(await named('a.txt')).toMatchObject({ isPublic: false, isAvailable: false });
    report('watching');
    await eventually(async () => (await named('a.txt'))?.isPublic);
    expect(await toldToPeer(document.documentId)).toBe('a.txt');
  });

  test('is not written into: a download waits with that reason, the probe is refused, and both go on', async () => {
    const source = await startTransfer();
    others.push(source);
    await source.add('book.txt', randomBytes(3_000_000));
    const [book] = await eventually(async () => {
      const { items } = await source.bus.request(ListDocuments, {});
      return items.length > 0 && items;
    });
    node.peers.set(newPeerId(), peerAt(source.carrierPort));
    report('frozen');
    await eventually(async () => (await node.bus.request(ProbeCollection, PROBE).catch(() => null)) === null);
    const download = await node.bus.request(StartDownload, { documentId: book?.documentId ?? '' });
    const waiting = await eventually(async () => {
      const now = await stateOf(node, download);
      return now.cause === 'collection' && now;
    }, LIMITS);
    expect(waiting.reason).toContain('9 of 9 files vanished');
    expect(await readdir(node.library).then((names) => names.includes('book.txt'))).toBe(false);
    report('watching');
    await isComplete(node, download);
  });
});

const PROBE = { id: 'library', name: 'probe-of-a-test' };

test('another folder in the place of the known one gets no byte of a download, until the known one is back', async () => {
  await node.add('a.txt', Buffer.from('okapi'));
  await eventually(async () => (await named('a.txt'))?.isPublic);
  const source = await startTransfer();
  others.push(source);
  await source.add('book.txt', randomBytes(3_000_000));
  const [book] = await eventually(async () => {
    const { items } = await source.bus.request(ListDocuments, {});
    return items.length > 0 && items;
  });
  node.peers.set(newPeerId(), peerAt(source.carrierPort));
  await rename(node.library, `${node.library}.aside`);
  await mkdir(node.library);
  const download = await node.bus.request(StartDownload, { documentId: book?.documentId ?? '' });
  await eventually(async () => (await stateOf(node, download)).cause === 'collection', LIMITS);
  await eventually(async () => (await named('a.txt'))?.isAvailable === false);
  expect(await readdir(node.library)).toEqual([]);
  await rm(node.library, { recursive: true });
  await rename(`${node.library}.aside`, node.library);
  await isComplete(node, download);
  expect(await readdir(node.library)).toContain('book.txt');
});

test.each(['.allibrary', '.allibrary/partial'])('%s as a link leads no download and no probe out', async (name) => {
  const source = await startTransfer();
  others.push(source);
  await source.add('book.txt', randomBytes(3_000_000));
  const [book] = await eventually(async () => {
    const { items } = await source.bus.request(ListDocuments, {});
    return items.length > 0 && items;
  });
  const outside = `${node.library}.outside`;
  await mkdir(outside);
  await mkdir(dirname(inLibrary(name)), { recursive: true });
  await symlink(outside, inLibrary(name));
  node.peers.set(newPeerId(), peerAt(source.carrierPort));
  const download = await node.bus.request(StartDownload, { documentId: book?.documentId ?? '' });
  await eventually(async () => (await stateOf(node, download)).cause === 'disk', LIMITS);
  if (name === '.allibrary') await expect(node.bus.request(ProbeCollection, PROBE)).rejects.toThrow('is a link');
  expect(await readdir(outside)).toEqual([]);
  await rm(inLibrary(name));
  await isComplete(node, download);
});

test('a link in the place of a file or its folder is no file: it is not shared, and a loss is believed', async () => {
  const outside = `${node.library}.outside`;
  await mkdir(outside);
  await writeFile(join(outside, 'secret.txt'), 'okapi');
  await symlink(outside, inLibrary('linked'));
  await found('library', 'linked/secret.txt');
  await symlink(join(outside, 'secret.txt'), inLibrary('secret.txt'));
  await found('library', 'secret.txt');
  await write('folder/a.txt', 'okapi');
  await found('library', 'folder/a.txt');
  await eventually(() => named('a.txt'));
  expect(await documents()).toHaveLength(1);
  await rename(inLibrary('folder'), inLibrary('aside'));
  await symlink(outside, inLibrary('folder'));
  await node.bus.publish(FileLost, { collection: 'library', path: 'folder/a.txt', observedAtMs: Date.now() });
  await eventually(async () => (await documents()).length === 0);
  expect(await readFile(join(outside, 'secret.txt'), 'utf8')).toBe('okapi');
});
