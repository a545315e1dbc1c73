// Real: the reference implementation of the profile, ipfs-unixfs-importer, on the same bytes.
import { createHash } from 'node:crypto';
import { importer } from 'ipfs-unixfs-importer';
import { describe, expect, test } from 'vitest';
import { parseCid } from './document-cid.ts';
import { PIECE_BYTES, pieceCount, pieceSizeBytes } from './layout.ts';
import { type Manifest, buildManifest, fetchManifest, singlePieceManifest } from './manifest.ts';

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

const served = (manifest: Manifest) => async (cid: { toString(): string }) => {
  const node = manifest.nodes.find((each) => each.cid.toString() === cid.toString());
  if (!node) throw new Error(`no node ${cid}`);
  return node.block;
};

describe('the CID is the one that IPFS tools compute', () => {
  const sizes = [5, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES, 40 * PIECE_BYTES + 7];
  test.each([0, ...sizes])('for %i bytes', async (sizeBytes) => {
    expect(buildManifest(digestsOf(sizeBytes), sizeBytes).cid.toString()).toBe(await referenceCid(sizeBytes));
  });
});

describe('a manifest fetched from its CID', () => {
  test.each([2, 1_024, 1_025, 2_500])('is the one that was built, for %i pieces', async (pieces) => {
    const sizeBytes = (pieces - 1) * PIECE_BYTES + 1;
    const digests = new Uint8Array(pieces * 32).map((_, index) => (index * 7 + (index >> 5)) & 255);
    const built = buildManifest(digests, sizeBytes);
    const fetched = await fetchManifest(built.cid, served(built));
    expect(fetched.sizeBytes).toBe(sizeBytes);
    expect(Buffer.from(fetched.digests)).toEqual(Buffer.from(digests));
    expect(fetched.nodes.length).toBe(built.nodes.length);
  });

  const built = buildManifest(digestsOf(3 * PIECE_BYTES), 3 * PIECE_BYTES);

  test('is refused when a block was changed', async () => {
    const lie = async (cid: { toString(): string }) => {
      const block = Uint8Array.from(await served(built)(cid));
      block[20] = (block[20] ?? 0) ^ 1;
      return block;
    };
    await expect(fetchManifest(built.cid, lie)).rejects.toThrow('not the one that was asked for');
  });

  test('is refused when a block is endless', async () => {
    await expect(fetchManifest(built.cid, async () => new Uint8Array(200_000))).rejects.toThrow('too large');
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
    await expect(fetchManifest(parseCid(cid), fetchNode)).rejects.toThrow('another profile');
  });
});

test('a single piece is its own manifest, and must have the digest of its CID', () => {
  const bytes = Buffer.from('a short document');
  const { cid } = buildManifest(createHash('sha256').update(bytes).digest(), bytes.length);
  expect(singlePieceManifest(cid, bytes).sizeBytes).toBe(bytes.length);
  expect(() => singlePieceManifest(cid, Buffer.from('another one'))).toThrow('not the one');
});
