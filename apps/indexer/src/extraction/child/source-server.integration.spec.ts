// Real: a file and a socket. Stand in: the child, by the test itself.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type FileHandle, open, truncate, writeFile } from 'node:fs/promises';
import { type Server, type Socket, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { type TempFolder, eventually, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RANGE_BYTES, REPLY_HEADER_BYTES, encodeRequest } from './source-protocol.ts';
import { SourceServer } from './source-server.ts';

const bytes = randomBytes(RANGE_BYTES + 500);
let folder: TempFolder;
let handle: FileHandle;
let listener: Server;
let child: Socket;
let server: SourceServer;
let violations: number;

beforeEach(async () => {
  folder = await tempFolder();
  await writeFile(join(folder.path, 'a.txt'), bytes);
  handle = await open(join(folder.path, 'a.txt'));
  violations = 0;
  listener = createServer((socket) => {
    server = new SourceServer(socket, () => (violations += 1));
    server.serve([{ handle, sizeBytes: bytes.length }]);
  }).listen(join(folder.path, 'socket'));
  await once(listener, 'listening');
  child = connect(join(folder.path, 'socket'));
  await once(child, 'connect');
});
afterEach(async () => {
  child.destroy();
  listener.close();
  await handle.close();
  await folder.remove();
});

async function range(offset: number, length: number): Promise<Buffer> {
  child.write(encodeRequest({ source: 0, offset, length }));
  let reply = Buffer.alloc(0);
  while (reply.length < REPLY_HEADER_BYTES || reply.length < REPLY_HEADER_BYTES + reply.readUInt32BE(0)) {
    const [chunk] = (await once(child, 'data')) as [Buffer];
    reply = Buffer.concat([reply, chunk]);
  }
  return reply.subarray(REPLY_HEADER_BYTES);
}

test.each([
  [0, 1],
  [0, RANGE_BYTES],
  [500, RANGE_BYTES],
  [bytes.length - 1, 1],
])('a range at %i of %i bytes is served', async (offset, length) => {
  expect((await range(offset, length)).equals(bytes.subarray(offset, offset + length))).toBe(true);
  expect(violations).toBe(0);
});

test('a file that became shorter gives an empty reply', async () => {
  await truncate(join(folder.path, 'a.txt'), 10);
  expect(await range(0, 11)).toHaveLength(0);
});

test.each([
  ['a range beyond the end', encodeRequest({ source: 0, offset: bytes.length, length: 1 })],
  ['a range far beyond the end', encodeRequest({ source: 0, offset: 2 ** 53, length: 1 })],
  ['more than a range may have', encodeRequest({ source: 0, offset: 0, length: RANGE_BYTES + 1 })],
  ['an empty range', encodeRequest({ source: 0, offset: 0, length: 0 })],
  ['a file that was not offered', encodeRequest({ source: 1, offset: 0, length: 1 })],
  ['half a request', encodeRequest({ source: 0, offset: 0, length: 1 }).subarray(0, 7)],
  [
    'many requests at once',
    Buffer.concat(Array.from({ length: 9 }, () => encodeRequest({ source: 0, offset: 0, length: 1 }))),
  ],
])('a child that asks for %s gets nothing, and is reported', async (_case, frame) => {
  const received: Buffer[] = [];
  child.on('data', (chunk: Buffer) => received.push(chunk));
  child.write(frame);
  await eventually(() => violations > 0);
  expect(received).toEqual([]);
});

test('a file is no longer served once its document is done', async () => {
  expect(await range(0, 5)).toHaveLength(5);
  server.serve([]);
  child.write(encodeRequest({ source: 0, offset: 0, length: 5 }));
  await eventually(() => violations > 0);
});
