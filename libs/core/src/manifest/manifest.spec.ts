// Real: the reference implementation of the profile, ipfs-unixfs-importer, on the same bytes.
import { createHash } from 'node:crypto';
import { importer } from 'ipfs-unixfs-importer';
import { describe, expect, test } from 'vitest';
import { encode, prepare } from '@ipld/dag-pb';
import { UnixFS } from 'ipfs-unixfs';
import { CID } from 'multiformats/cid';
import * as Digest from 'multiformats/hashes/digest';
import { type BuiltManifest, buildManifest } from './build-manifest.ts';
import { nodeCid, parseCid, pieceCid } from './document-cid.ts';
import { PIECE_BYTES, pieceCount, pieceSizeBytes } from './layout.ts';
import type { Child } from './encode-block.ts';
import { MAX_DOCUMENT_BYTES, encodeNode } from './manifest-node.ts';
import { StoredManifest, fetchManifest, singlePieceManifest } from './manifest.ts';

/** Bytes that differ from piece to piece. */
const pieceOf = (sizeBytes: number, index: number): Buffer =>
  Buffer.alloc(pieceSizeBytes(sizeBytes, index), `${index} of ${sizeBytes} `);

const digestsOf = (sizeBytes: number): Buffer =>
  Buffer.concat(
    Array.from({ length: pieceCount(sizeBytes) }, (_, index) =>
      createHash('sha256')
        .update(sizeBytes ? pieceOf(sizeBytes, index) : '')
        .digest(),
    ),
  );

async function referenceCid(sizeBytes: number): Promise<string> {
  const content = (async function* () {
    for (let index = 0; index < pieceCount(sizeBytes) && sizeBytes > 0; index++) yield pieceOf(sizeBytes, index);
  })();
  const nowhere = { put: async (cid: unknown) => cid } as never;
  let last = '';
  for await (const entry of importer([{ content }], nowhere, { profile: 'unixfs-v1-2025' }))
    last = entry.cid.toString();
  return last;
}

type Blocks = Map<string, Uint8Array>;

const blocksOf = (manifest: BuiltManifest): Blocks =>
  new Map([...manifest.nodes()].map(({ cid, block }) => [cid.toString(), block]));

const readFrom =
  (blocks: Blocks) =>
  (cid: CID): Uint8Array => {
    const block = blocks.get(cid.toString());
    if (!block) throw new Error(`no node ${cid}`);
    return block;
  };

/** Fetches a manifest and returns the ids of the nodes that were asked for, and those that were kept. */
async function fetchFrom(cid: CID, blocks: Blocks): Promise<{ fetched: string[]; kept: string[] }> {
  const [fetched, kept]: [string[], string[]] = [[], []];
  await fetchManifest(cid, {
    fetch: async (at) => {
      fetched.push(at.toString());
      return readFrom(blocks)(at);
    },
    keep: (node) => kept.push(node.cid.toString()),
  });
  return { fetched, kept };
}

describe('the CID is the one that IPFS tools compute', () => {
  const sizes = [5, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES, 40 * PIECE_BYTES + 7];
  test.each([0, ...sizes])('for %i bytes', async (sizeBytes) => {
    expect(buildManifest(digestsOf(sizeBytes), sizeBytes).cid.toString()).toBe(await referenceCid(sizeBytes));
  });
});

test.each([1, 2, 1_023, 1_024].flatMap((count) => [1, 2, 3].map((level) => ({ count, level }))))(
  'a node of $count children at level $level is encoded as the libraries do',
  ({ count, level }) => {
    const full = PIECE_BYTES * 1_024 ** (level - 1);
    const children = Array.from({ length: count }, (_, index) => ({
      cid: (index % 2 ? pieceCid : nodeCid)(createHash('sha256').update(String(index)).digest()),
      sizeBytes: index === count - 1 ? Math.floor(full / 3) : full,
      treeBytes: full + Math.floor(2 ** (42 * Math.cos(index) ** 2)),
    }));
    const file = new UnixFS({ type: 'file', blockSizes: children.map(({ sizeBytes }) => BigInt(sizeBytes)) });
    const Links = children.map(({ cid, treeBytes }) => ({ Name: '', Tsize: treeBytes, Hash: cid }));
    const expected = encode(prepare({ Data: file.marshal(), Links }));
    expect(Buffer.compare(encodeNode(children).node.block, expected)).toBe(0);
  },
);

describe('a manifest fetched from its CID', () => {
  test.each([2, 1_024, 1_025, 2_500])('is the one that was built, for %i pieces', async (pieces) => {
    const sizeBytes = (pieces - 1) * PIECE_BYTES + 1;
    const digests = new Uint8Array(pieces * 32).map((_, index) => (index * 7 + (index >> 5)) & 255);
    const built = buildManifest(digests, sizeBytes);
    const blocks = blocksOf(built);
    const { kept } = await fetchFrom(built.cid, blocks);
    expect(new Set(kept)).toEqual(new Set(blocks.keys()));
    const stored = new StoredManifest(built.cid, readFrom(blocks));
    expect(stored.sizeBytes).toBe(sizeBytes);
    const read = Array.from({ length: pieces }, (_, index) => stored.pieceDigest(index));
    expect(Buffer.concat(read).equals(digests)).toBe(true);
  });

  const built = buildManifest(digestsOf(3 * PIECE_BYTES), 3 * PIECE_BYTES);
  const fetchWith = (fetch: (cid: CID) => Promise<Uint8Array>, cid = built.cid) => fetchManifest(cid, { fetch });

  test('is refused when a block was changed', async () => {
    const lie = async (cid: CID) => {
      const block = Uint8Array.from(readFrom(blocksOf(built))(cid));
      block[20] = (block[20] ?? 0) ^ 1;
      return block;
    };
    await expect(fetchWith(lie)).rejects.toThrow('not the one that was asked for');
  });

  test('is refused when a block is endless', async () => {
    await expect(fetchWith(async () => new Uint8Array(200_000))).rejects.toThrow('too large');
  });

  test('is refused when another profile made it', async () => {
    const content = [pieceOf(3 * PIECE_BYTES, 0), pieceOf(3 * PIECE_BYTES, 1), pieceOf(3 * PIECE_BYTES, 2)];
    const blocks = new Map<string, Uint8Array>();
    const store = { put: async (cid: { toString(): string }, block: Uint8Array) => blocks.set(cid.toString(), block) };
    let cid = '';
    for await (const entry of importer([{ content }], store as never, {
      profile: 'unixfs-v0-2015',
      cidVersion: 1,
      rawLeaves: true,
    })) {
      cid = entry.cid.toString();
    }
    const fetchNode = async (at: { toString(): string }) => blocks.get(at.toString()) ?? new Uint8Array();
    await expect(fetchWith(fetchNode, parseCid(cid))).rejects.toThrow('another profile');
  });
});

/** A valid tree over one piece that is repeated, made of one block for each level. */
function repeatedTree(...fanOuts: number[]): { cid: CID; blocks: Blocks } {
  const blocks: Blocks = new Map();
  let root: Child = { cid: pieceCid(Buffer.alloc(32, 7)), sizeBytes: PIECE_BYTES, treeBytes: PIECE_BYTES };
  for (const count of fanOuts) {
    const { node, asChild } = encodeNode(Array<Child>(count).fill(root));
    blocks.set(node.cid.toString(), node.block);
    root = asChild;
  }
  return { cid: root.cid, blocks };
}

describe('a vast tree of few blocks', () => {
  const { cid: root, blocks } = repeatedTree(1_024, 1_024, 3);

  test('has each of them fetched once', async () => {
    const { fetched } = await fetchFrom(root, blocks);
    expect(fetched.toSorted()).toEqual([...blocks.keys()].toSorted());
  });

  test('is given up before anything below its root is fetched, when its size is refused', async () => {
    const fetched: string[] = [];
    const fetch = async (cid: CID) => {
      fetched.push(cid.toString());
      return readFrom(blocks)(cid);
    };
    const acceptSize = (sizeBytes: number) => {
      throw new Error(`refused at ${sizeBytes}`);
    };
    await expect(fetchManifest(root, { fetch, acceptSize })).rejects.toThrow(`refused at ${3 * 1_024 ** 4}`);
    expect(fetched).toEqual([root.toString()]);
  });

  test('gives the digest of its last piece without holding any other in memory', () => {
    const stored = new StoredManifest(root, readFrom(blocks));
    expect(stored.sizeBytes).toBe(3 * 1_024 ** 4);
    expect(Buffer.from(stored.pieceDigest(3 * 1_024 * 1_024 - 1))).toEqual(Buffer.alloc(32, 7));
  });
});

describe('a tree that its CID proves and the profile does not give is refused at its root', () => {
  const MIB = BigInt(PIECE_BYTES);
  const leaf = pieceCid(Buffer.alloc(32, 1));
  const identity = CID.createV1(0x55, Digest.create(0, Buffer.from('x')));
  const root = (links: readonly CID[], sizes: readonly bigint[], data?: Uint8Array): Uint8Array => {
    const file = new UnixFS({ type: 'file', blockSizes: [...sizes], ...(data && { data }) });
    return encode(prepare({ Data: file.marshal(), Links: links.map((Hash) => ({ Name: '', Tsize: 1, Hash })) }));
  };
  test.each([
    ['identity hashes in place of pieces', root([identity, identity], [MIB, MIB])],
    ['nodes where pieces belong', root([nodeCid(Buffer.alloc(32)), leaf], [MIB, MIB])],
    ['more links than a node may have', root(Array<CID>(1_025).fill(leaf), Array<bigint>(1_025).fill(MIB))],
    ['fewer sizes than links', root([leaf, leaf], [MIB])],
    ['a chain of nodes', root([nodeCid(Buffer.alloc(32))], [3n * 2n ** 40n])],
    ['pieces of no bytes', root([leaf, leaf], [0n, 0n])],
    ['more than 4 TiB', root([leaf, leaf], [BigInt(MAX_DOCUMENT_BYTES), MIB])],
    ['bytes of its own', root([leaf, leaf], [MIB, MIB], new Uint8Array(50))],
    ['no node at all', Buffer.from('no dag-pb at all')],
    ['nothing', new Uint8Array()],
  ])('%s', async (_case, block) => {
    const cid = nodeCid(createHash('sha256').update(block).digest());
    const fetched = fetchManifest(cid, { fetch: async (at) => readFrom(new Map([[cid.toString(), block]]))(at) });
    await expect(fetched).rejects.toThrow(expect.objectContaining({ name: 'InvalidManifest' }));
  });
});

test('a single piece is its own manifest, and must have the digest of its CID', () => {
  const bytes = Buffer.from('a short document');
  const { cid } = buildManifest(createHash('sha256').update(bytes).digest(), bytes.length);
  expect(singlePieceManifest(cid, bytes).sizeBytes).toBe(bytes.length);
  expect(() => singlePieceManifest(cid, Buffer.from('another one'))).toThrow('not the one');
});
