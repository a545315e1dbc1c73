// Real: nats-server, transfer's whole module, files, carrier connections. Stands in: p2p-node, by a splice of sockets.
import { createHash, randomBytes } from 'node:crypto';
import { open, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CommandDownloads,
  type Download,
  FileFound,
  FileLost,
  GetCatalogStatus,
  GetDocument,
  GetDownload,
  ListDocuments,
  ListDownloads,
  StartDownload,
} from '@allibrary/contracts';
import { eventually } from '@allibrary/testing';
import { importer } from 'ipfs-unixfs-importer';
import { describe, expect, test } from 'vitest';
import { type TransferNode, newPeerId, peerAt, startNode } from './testing/transfer-fixture.ts';

const MIB = 1_048_576;

const documents = async (node: TransferNode) => (await node.bus.request(ListDocuments, {})).items;

async function added(node: TransferNode, path: string, bytes: Uint8Array) {
  await node.add(path, bytes);
  return eventually(
    async () => (await documents(node)).find(({ locations }) => locations.some((location) => location.path === path)),
    {
      timeoutMs: 30_000,
    },
  );
}

async function referenceCid(content: AsyncIterable<Uint8Array>): Promise<string> {
  const nowhere = { put: async (cid: unknown) => cid } as never;
  let last = '';
  for await (const entry of importer([{ content }], nowhere, { profile: 'unixfs-v1-2025' }))
    last = entry.cid.toString();
  return last;
}

const downloadOf = (node: TransferNode, id: string): Promise<Download> => node.bus.request(GetDownload, { id });
const completed = (node: TransferNode, { id }: Download): Promise<Download> =>
  eventually(
    async () => {
      const download = await downloadOf(node, id);
      return download.state === 'completed' ? download : undefined;
    },
    { timeoutMs: 40_000 },
  );

describe('a file becomes a document', () => {
  test.each([0, 1, MIB - 1, MIB, MIB + 1, 9 * MIB + 5])(
    'of %i bytes, with the id that IPFS tools give',
    async (sizeBytes) => {
      const node = await startNode();
      const bytes = randomBytes(sizeBytes);
      const document = await added(node, 'some/file.pdf', bytes);
      expect(document).toMatchObject({
        documentId: await referenceCid(
          (async function* () {
            yield bytes;
          })(),
        ),
        // Only the document's id is computed on the way in; the two hashes of a single piece are one.
        sha256: sizeBytes <= MIB ? createHash('sha256').update(bytes).digest('hex') : null,
        name: 'file.pdf',
        mediaType: 'application/pdf',
        sizeBytes,
      });
    },
  );

  test('of 1 GiB and a byte, sparse', async () => {
    const node = await startNode();
    const sizeBytes = 1024 * MIB + 1;
    const file = await open(join(node.library, 'large.bin'), 'w+');
    for (const [index, text] of ['first', 'middle', 'last'].entries()) await file.write(text, index * 512 * MIB);
    await file.truncate(sizeBytes);
    await node.bus.publish(FileFound, {
      collection: 'library',
      path: 'large.bin',
      sizeBytes,
      modifiedAtMs: 0,
      observedAtMs: 1,
    });
    const expected = await referenceCid(file.createReadStream({ start: 0, highWaterMark: MIB, autoClose: false }));
    await file.close();
    const [document] = await eventually(
      async () => {
        const all = await documents(node);
        return all.length > 0 && all;
      },
      { timeoutMs: 50_000 },
    );
    expect(document?.documentId).toBe(expected);
  });

  test('and stays one while a second file has the same bytes', async () => {
    const node = await startNode();
    const bytes = randomBytes(5_000);
    const { documentId } = await added(node, 'a.txt', bytes);
    await added(node, 'b.txt', bytes);
    await rm(join(node.library, 'a.txt'));
    await node.bus.publish(FileLost, { collection: 'library', path: 'a.txt', observedAtMs: 1 });
    await eventually(async () => (await node.bus.request(GetDocument, { documentId })).name === 'b.txt');
    await rm(join(node.library, 'b.txt'));
    await node.bus.publish(FileLost, { collection: 'library', path: 'b.txt', observedAtMs: 2 });
    await eventually(async () => (await documents(node)).length === 0);
  });

  test('and is read once, though several facts about it come at once', async () => {
    const node = await startNode();
    const location = { collection: 'library', path: 'a.bin' };
    await writeFile(join(node.library, location.path), randomBytes(3 * MIB));
    const fact = { ...location, sizeBytes: 3 * MIB, modifiedAtMs: 0 };
    await Promise.all([1, 2, 3].map((observedAtMs) => node.bus.publish(FileFound, { ...fact, observedAtMs })));
    const settled = async () => {
      const { waiting } = await node.bus.request(GetCatalogStatus, {});
      return waiting === 0 && (await documents(node)).length === 1;
    };
    await eventually(settled, { timeoutMs: 30_000 });
    const text = await (await fetch(`${node.httpUrl}/metrics`)).text();
    expect(text).toMatch(/^allibrary_ingested_files_total\{.*result="hashed".*\} 1$/m);
  });

  test('and another one when its bytes change', async () => {
    const node = await startNode();
    const before = await added(node, 'notes.md', Buffer.from('first'));
    await utimes(join(node.library, 'notes.md'), 1, 1);
    await node.add('notes.md', Buffer.from('second'));
    const after = await eventually(async () =>
      (await documents(node)).find(({ documentId }) => documentId !== before.documentId),
    );
    await expect(node.bus.request(GetDocument, { documentId: before.documentId })).rejects.toMatchObject({
      code: 'not-found',
    });
    expect(after.sizeBytes).toBe(6);
  });

  test('but not when it vanished, or leads out of the library', async () => {
    const node = await startNode();
    for (const path of ['gone.txt', '../../../etc/hostname', '/etc/hostname']) {
      await node.bus.publish(FileFound, {
        collection: 'library',
        path,
        sizeBytes: 1,
        modifiedAtMs: 0,
        observedAtMs: 1,
      });
    }
    await added(node, 'after.txt', Buffer.from('the next file'));
    expect((await documents(node)).map(({ name }) => name)).toEqual(['after.txt']);
  });
});

describe('a download', () => {
  test('takes pieces from all sources, is bit-identical, and is shared like any other file', async () => {
    const [a, b, c] = [await startNode(), await startNode(), await startNode()];
    const bytes = randomBytes(24 * MIB + 77);
    const { documentId } = await added(a, 'book.pdf', bytes);
    await added(b, 'the same book.pdf', bytes);
    c.peers.set(newPeerId(), peerAt(a.carrierPort)).set(newPeerId(), peerAt(b.carrierPort));
    const download = await completed(c, await c.bus.request(StartDownload, { documentId }));
    expect(download).toMatchObject({ sizeBytes: bytes.length, bytesDone: bytes.length, reason: null });
    expect(download.sources.map(({ peerId }) => peerId).toSorted()).toEqual([...c.peers.keys()].toSorted());
    expect(download.sources.reduce((sum, source) => sum + source.bytes, 0)).toBe(bytes.length);
    const [document] = await documents(c);
    expect(document?.documentId).toBe(documentId);
    expect(bytes.equals(await readFile(join(c.library, document?.locations[0]?.path ?? '')))).toBe(true);
    await expect(c.bus.request(StartDownload, { documentId })).rejects.toMatchObject({ code: 'conflict' });
  });

  test.each([0, 1, MIB])('of %i bytes', async (sizeBytes) => {
    const [a, b] = [await startNode(), await startNode()];
    const { documentId } = await added(a, 'small.txt', randomBytes(sizeBytes));
    b.peers.set(newPeerId(), peerAt(a.carrierPort));
    await completed(b, await b.bus.request(StartDownload, { documentId }));
    expect((await stat(join(b.library, 'small.txt'))).size).toBe(sizeBytes);
  });

  test('never replaces a file of the same name', async () => {
    const [a, b] = [await startNode(), await startNode()];
    const { documentId } = await added(a, 'report.pdf', Buffer.from('theirs'));
    await added(b, 'report.pdf', Buffer.from('ours'));
    b.peers.set(newPeerId(), peerAt(a.carrierPort));
    await completed(b, await b.bus.request(StartDownload, { documentId }));
    expect((await readdir(b.library)).filter((name) => !name.startsWith('.')).toSorted()).toEqual([
      'report (2).pdf',
      'report.pdf',
    ]);
    expect(await readFile(join(b.library, 'report.pdf'), 'utf8')).toBe('ours');
  });

  test('leaves peers that lie, and gets the document from one that does not', async () => {
    const [honest, c] = [await startNode(), await startNode()];
    const bytes = randomBytes(12 * MIB);
    const { documentId } = await added(honest, 'true.bin', bytes);
    const liar = await startNode();
    await added(liar, 'true.bin', bytes);
    // The liar's file is spoiled behind its back, with the same size and time: it serves wrong pieces.
    const spoiled = join(liar.library, 'true.bin');
    const { mtimeMs } = await stat(spoiled);
    const file = await open(spoiled, 'r+');
    for (let index = 0; index < 12; index++) await file.write(randomBytes(10), 0, 10, index * MIB + 100);
    await file.close();
    await utimes(spoiled, mtimeMs / 1_000, mtimeMs / 1_000);
    const liarId = newPeerId();
    c.peers
      .set(liarId, peerAt(liar.carrierPort))
      .set(newPeerId(), (stream) => void stream.end(randomBytes(100_000)))
      .set(newPeerId(), (stream) => void stream.write(Buffer.from([255, 255, 255, 255, 131, 0, 0, 0, 1])))
      .set(newPeerId(), (stream) => void stream.destroy());
    const started = await c.bus.request(StartDownload, { documentId });
    c.peers.set(newPeerId(), peerAt(honest.carrierPort));
    const download = await completed(c, started);
    expect(download.sources.find(({ peerId }) => peerId === liarId)?.bytes ?? 0).toBe(0);
    expect(bytes.equals(await readFile(join(c.library, 'true.bin')))).toBe(true);
  });

  test('goes on after a restart from what is on disk', async () => {
    const [a, b] = [await startNode(), await startNode()];
    const bytes = randomBytes(16 * MIB);
    const { documentId } = await added(a, 'long.bin', bytes);
    let passed = 0;
    // This peer breaks off after 7 MiB; nobody else is there until the restart.
    const breaking = newPeerId();
    b.peers.set(breaking, async (stream) => {
      const counted = peerAt(a.carrierPort);
      const write = stream.write.bind(stream) as (chunk: Buffer, ...rest: never[]) => boolean;
      stream.write = ((chunk: Buffer, ...rest: never[]) => {
        passed += chunk.length;
        if (passed > 7 * MIB) {
          b.peers.delete(breaking);
          stream.destroy();
          return false;
        }
        return write(chunk, ...rest);
      }) as typeof stream.write;
      await counted(stream);
    });
    const started = await b.bus.request(StartDownload, { documentId });
    const before = await eventually(async () => {
      const download = await downloadOf(b, started.id);
      return b.peers.size === 0 && download.bytesDone > 0 && download.reason !== null && download;
    });
    await b.restart();
    const fresh = newPeerId();
    b.peers.set(fresh, peerAt(a.carrierPort));
    const download = await completed(b, started);
    expect(download.sources.find(({ peerId }) => peerId === fresh)?.bytes).toBe(bytes.length - before.bytesDone);
    expect(bytes.equals(await readFile(join(b.library, 'long.bin')))).toBe(true);
  });

  test('completes by itself when its document comes by another way', async () => {
    const [a, b] = [await startNode(), await startNode()];
    const bytes = randomBytes(3_000);
    const { documentId } = await added(a, 'elsewhere.txt', bytes);
    const started = await b.bus.request(StartDownload, { documentId });
    await b.add('copied.txt', bytes);
    expect(await completed(b, started)).toMatchObject({ name: 'copied.txt', bytesDone: 3_000, sources: [] });
  });

  test('that is cancelled leaves nothing', async () => {
    const node = await startNode();
    const { documentId } = { documentId: 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi' };
    const { id } = await node.bus.request(StartDownload, { documentId });
    expect((await node.bus.request(StartDownload, { documentId })).id).toBe(id);
    await node.bus.request(CommandDownloads, { ids: [id], command: { do: 'cancel' } });
    expect(await downloadOf(node, id)).toMatchObject({ state: 'cancelled', bytesDone: 0 });
    await node.bus.request(CommandDownloads, { ids: [id], command: { do: 'forget' } });
    expect((await node.bus.request(ListDownloads, {})).items).toEqual([]);
    await expect(downloadOf(node, id)).rejects.toMatchObject({ code: 'not-found' });
  });
});
