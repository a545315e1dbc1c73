// Real: our own client and server of the piece protocol, joined in memory. Stands in: what is offered.
import { duplexPair } from 'node:stream';
import { parseCid } from '@allibrary/core';
import { expect, test } from 'vitest';
import { BufferPool } from '../wire/buffer-pool.ts';
import { MAX_FOLLOWED, MAX_OPEN_REQUESTS } from '../wire/frames.ts';
import { PieceClient } from '../wire/piece-client.ts';
import type { OfferedDocuments } from './offered-documents.ts';
import { servePieces } from './piece-server.ts';

const CID = parseCid('bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi');
const signal = new AbortController().signal;

test('a client with all requests open that it may have, and all holdings followed, has violated nothing', async () => {
  const [ours, theirs] = duplexPair();
  const disk = Promise.withResolvers<void>();
  const offered = {
    holdings: () => null,
    follow: () => () => {},
    piece: async () => {
      await disk.promise;
      return Buffer.alloc(1);
    },
  } as unknown as OfferedDocuments;
  const served = servePieces(theirs, {
    offered,
    pool: new BufferPool(),
    peerId: 'peer',
    onSent: () => {},
    onEnded: () => {},
  });
  const client = await PieceClient.open(async (onBytes) => ours.on('data', onBytes), {
    pool: new BufferPool(),
    onReceived: () => {},
  });
  const pieces = Array.from({ length: MAX_OPEN_REQUESTS }, (_, index) => client.piece(CID, index, signal));
  let held = 0;
  const following = Array.from({ length: MAX_FOLLOWED }, () =>
    client.follow(CID, { onHeld: () => (held += 1), onHave: () => {} }, signal).catch(() => {}),
  );
  disk.resolve();
  expect(await Promise.all(pieces)).toHaveLength(MAX_OPEN_REQUESTS);
  await expect.poll(() => held).toBe(MAX_FOLLOWED);
  client.close();
  theirs.destroy(); // what a socket does by itself when the other end is gone
  await Promise.all([served, ...following]);
});
