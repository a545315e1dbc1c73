// Real: manifests of vast documents, their nodes in SQLite. Stands in: the peer, by a function that returns nodes.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { buildManifest, type nodeCid, pieceCid } from '@allibrary/core';
import { type ReadModel, openReadModel } from '@allibrary/platform';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PieceClient } from '../wire/piece-client.ts';
import { type ManifestStore, manifestFromStore, obtainManifest } from './obtain-manifest.ts';

type Cid = ReturnType<typeof nodeCid>;

const MIB = 1_048_576;
const signal = new AbortController().signal;

let folder: TempFolder;
let model: ReadModel;
let store: ManifestStore;
beforeEach(async () => {
  folder = await tempFolder();
  const schema = 'CREATE TABLE node (cid TEXT PRIMARY KEY, block BLOB NOT NULL) WITHOUT ROWID';
  model = openReadModel({ file: join(folder.path, 'nodes.sqlite'), version: 1, schema });
  store = {
    node: (cid) => model.prepare('SELECT block FROM node WHERE cid = ?').get(cid)?.['block'] as Uint8Array | undefined,
    saveNode: (_documentId, { cid, block }) =>
      model.prepare('INSERT OR IGNORE INTO node VALUES (?, ?)').run(cid.toString(), block),
  };
});
afterEach(async () => {
  model.close();
  await folder.remove();
});

/** A document of this number of pieces, and a peer that has its nodes. */
function documentOf(pieces: number) {
  const digests = new Uint8Array(pieces * 32);
  for (let index = 0; index < pieces; index++) new DataView(digests.buffer).setUint32(index * 32, index);
  const manifest = buildManifest(digests, pieces * MIB - 1);
  const blocks = new Map([...manifest.nodes()].map(({ cid, block }) => [cid.toString(), Buffer.from(block)]));
  const asked: string[] = [];
  const node = async (_documentId: Cid, cid: Cid) => {
    asked.push(cid.toString());
    return blocks.get(cid.toString()) ?? Promise.reject(new Error('no such node'));
  };
  return { manifest, blocks, asked, peer: { node } as unknown as PieceClient };
}

test('a peer that describes another size than the manifest proves breaks the protocol, after one node', async () => {
  const { manifest, asked, peer } = documentOf(3_000);
  const obtained = obtainManifest(manifest.cid, peer, { sizeBytes: 1_234 }, store, signal);
  await expect(obtained).rejects.toThrow(
    expect.objectContaining({ name: 'ProtocolViolation', message: expect.stringContaining('1234 bytes') }),
  );
  expect(asked).toEqual([manifest.cid.toString()]);
  expect(store.node(manifest.cid.toString())).toBeUndefined();
});

test('so does a peer that describes another size than its only piece has', async () => {
  const piece = Buffer.from('a short document');
  const cid = pieceCid(createHash('sha256').update(piece).digest());
  const peer = { node: async () => piece } as unknown as PieceClient;
  const obtain = (sizeBytes: number) => obtainManifest(cid, peer, { sizeBytes }, store, signal);
  await expect(obtain(17)).rejects.toThrow('it described 17 bytes, but the document has 16');
  expect((await obtain(16)).onlyPiece).toBe(piece);
});

test('nodes are stored as they come: a fetch that breaks off asks only for the rest', async () => {
  const { manifest, blocks, asked, peer } = documentOf(3_000);
  const { sizeBytes } = manifest;
  const dying = {
    node: (id: Cid, cid: Cid) => (asked.length < 3 ? peer.node(id, cid, signal) : Promise.reject(new Error('gone'))),
  };
  await expect(
    obtainManifest(manifest.cid, dying as unknown as PieceClient, { sizeBytes }, store, signal),
  ).rejects.toThrow('gone');
  await expect(manifestFromStore(manifest.cid, store)).resolves.toBeUndefined();
  const obtained = await obtainManifest(manifest.cid, peer, { sizeBytes }, store, signal);
  expect(asked.toSorted()).toEqual([...blocks.keys()].toSorted());
  expect(Buffer.from(obtained.manifest.pieceDigest(2_999)).readUInt32BE()).toBe(2_999);
  expect((await manifestFromStore(manifest.cid, store))?.sizeBytes).toBe(sizeBytes);
});
