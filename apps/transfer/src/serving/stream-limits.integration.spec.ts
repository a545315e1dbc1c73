// Real: our server of the piece protocol, TCP sockets, the carrier. Stands in: what is offered, and a peer that breaks rules.
import type { Socket } from 'node:net';
import { callCarrier, type CarrierListener, listenCarrier } from '@allibrary/carrier';
import { parseCid } from '@allibrary/core';
import { eventually } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BufferPool } from '../wire/buffer-pool.ts';
import { FrameType, MAX_OPEN_REQUESTS, frameHeader } from '../wire/frames.ts';
import type { OfferedDocuments } from './offered-documents.ts';
import { servePieces } from './piece-server.ts';
import type { StreamEnd } from './stream-limits.ts';

const TOKEN = 'a-token-of-the-test';
const PEER = '12D3KooWzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz';
const CID = Buffer.from(parseCid('bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi').bytes);
const HOLDINGS_BYTES = 524_288;

let port: CarrierListener;
let ended: StreamEnd[];
let served: Socket;
let following: number;
const sockets: Socket[] = [];

beforeEach(async () => {
  ended = [];
  following = 0;
  const offered = {
    holdings: () => new Uint8Array(HOLDINGS_BYTES),
    follow: () => {
      following += 1;
      return () => (following -= 1);
    },
  } as unknown as OfferedDocuments;
  port = await listenCarrier({
    ...{ host: '127.0.0.1', port: 0, token: TOKEN },
    onCall: async ({ accept, stream }) => {
      accept();
      served = stream;
      const onEnded = (reason: StreamEnd) => ended.push(reason);
      await servePieces(stream, { offered, pool: new BufferPool(), peerId: PEER, onSent: () => {}, onEnded });
    },
  });
});
afterEach(async () => {
  vi.useRealTimers();
  for (const socket of sockets.splice(0)) socket.destroy();
  await port.close();
});

/** Opens a stream as p2p-node does for a peer: half-open streams stay open. */
async function open(): Promise<Socket> {
  const header = { kind: 'peer', peerId: PEER, protocol: '/allibrary/pieces/1.0.0' } as const;
  const socket = await callCarrier({ host: '127.0.0.1', port: port.port, token: TOKEN, header, timeoutMs: 2_000 });
  sockets.push(socket);
  return socket;
}

function resetOf(socket: Socket): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  socket
    .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
    .on('end', () => resolve('half-closed'));
  return promise;
}

const request = (type: FrameType, requestId: number, payload: Buffer): Buffer =>
  Buffer.concat([frameHeader(type, requestId, payload.length), payload]);

test('a peer that violates the protocol is reported, and its stream is reset, not left half-open', async () => {
  const socket = await open();
  const reset = resetOf(socket.resume());
  socket.write(frameHeader(99 as FrameType, 1, 0));
  expect(await reset).toBe('ECONNRESET');
  expect(ended).toEqual(['violation']);
});

test('a peer that opens a stream and requests nothing loses it after half a minute', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const socket = await open();
  const reset = resetOf(socket.resume());
  await vi.waitUntil(() => served);
  vi.advanceTimersByTime(30_000);
  expect(await reset).toBe('ECONNRESET');
  expect(ended).toEqual(['idle']);
});

test('a peer that takes no replies gets no more of them than two at once', async () => {
  const socket = await open();
  socket.pause();
  for (let id = 0; id < MAX_OPEN_REQUESTS; id++) socket.write(request(FrameType.Holdings, id, CID));
  await eventually(() => served.writableLength > HOLDINGS_BYTES);
  expect(served.writableLength).toBeLessThan(3 * HOLDINGS_BYTES);
  expect(ended).toEqual([]);
  socket.resume();
  await eventually(() => following === MAX_OPEN_REQUESTS);
});
