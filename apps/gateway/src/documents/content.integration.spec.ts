// Real: nats-server, the gateway with its HTTP server, the carrier. Transfer is a stand-in of the test.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { get as httpGet, type IncomingMessage } from 'node:http';
import type { IncomingCall } from '@allibrary/carrier';
import { eventually } from '@allibrary/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { API_KEY, type TestGateway, startTestGateway } from '../testing/test-gateway.ts';

const bytes = randomBytes(300_000);
const documentId = `bafkrei${'a'.repeat(52)}`;
const emptyId = `bafkrei${'e'.repeat(52)}`;
const bigId = `bafkrei${'f'.repeat(52)}`;
const path = `/api/v1/documents/${documentId}/content`;
const document = (id: string, sizeBytes: number) => ({
  documentId: id,
  name: 'Überblick "final".html',
  sizeBytes,
  mediaType: 'text/html',
  sha256: '0'.repeat(64),
  locations: [{ collection: 'library', path: 'x.html' }],
  isPublic: true,
  addedAtMs: 1,
});

let gateway: TestGateway;
let calls: IncomingCall[];
beforeAll(async () => {
  gateway = await startTestGateway(['transfer']);
  gateway.world.documents = [document(documentId, bytes.length), document(emptyId, 0), document(bigId, 4 * 2 ** 30)];
});
beforeEach(() => {
  calls = [];
  gateway.onContent = (call) => {
    calls.push(call);
    call.accept();
    call.stream.end(requested(call));
  };
});
afterAll(() => gateway.stop());

function requested({ header }: IncomingCall): Buffer {
  if (header.kind !== 'content') throw new Error('a call of another kind');
  return bytes.subarray(header.offset, header.offset + header.length);
}
const bodyOf = async (answer: Response): Promise<Buffer> => Buffer.from(await answer.arrayBuffer());

test('the whole document, which can not run as a page of ours', async () => {
  const answer = await gateway.ask(path);
  expect(answer.status).toBe(200);
  expect((await bodyOf(answer)).equals(bytes)).toBe(true);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    etag: `"${documentId}"`,
    'content-type': 'text/html; charset=utf-8',
    'content-length': String(bytes.length),
    'accept-ranges': 'bytes',
    'x-content-type-options': 'nosniff',
    'content-security-policy': expect.stringContaining('sandbox'),
    'content-disposition': `attachment; filename="_berblick _final_.html"; filename*=UTF-8''%C3%9Cberblick%20_final_.html`,
  });
});

test.each([
  ['bytes=0-0', 0, 1],
  ['bytes=100000-199999', 100_000, 100_000],
  ['bytes=-7', bytes.length - 7, 7],
  [`bytes=${bytes.length - 1}-`, bytes.length - 1, 1],
])('%s is that part alone', async (range, offset, length) => {
  const answer = await gateway.ask(path, { headers: { range } });
  expect(answer.status).toBe(206);
  expect(answer.headers.get('content-range')).toBe(`bytes ${offset}-${offset + length - 1}/${bytes.length}`);
  expect((await bodyOf(answer)).equals(bytes.subarray(offset, offset + length))).toBe(true);
  expect(calls.map(({ header }) => header)).toEqual([{ kind: 'content', documentId, offset, length }]);
});

test('a range behind the end is refused in the form of every error', async () => {
  const answer = await gateway.ask(path, { headers: { range: `bytes=${bytes.length}-` } });
  expect([answer.status, answer.headers.get('content-range')]).toEqual([416, `bytes */${bytes.length}`]);
  expect(await answer.json()).toMatchObject({ error: { code: 'range-not-satisfiable' } });
});

test.each([
  ['a HEAD', path, { method: 'HEAD' }, 200, String(bytes.length)],
  ['a document that the client has', path, { headers: { 'if-none-match': `"${documentId}"` } }, 304, null],
  ['an empty document', `/api/v1/documents/${emptyId}/content`, {}, 200, '0'],
])('%s needs no bytes', async (_, asked, init, status, length) => {
  const answer = await gateway.ask(asked, init);
  expect([answer.status, answer.headers.get('content-length')]).toEqual([status, length]);
  expect((await bodyOf(answer)).length).toBe(0);
  expect(calls).toEqual([]);
});

test('a transfer that refuses is 503, before any byte', async () => {
  gateway.onContent = (call) => call.refuse('the file is being replaced');
  const answer = await gateway.ask(path);
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ error: { code: 'unavailable', message: /being replaced/ } });
});

test('a document that breaks midway breaks the answer: nobody takes a part for the whole', async () => {
  gateway.onContent = (call) => {
    call.accept();
    call.stream.end(bytes.subarray(0, 1_000));
  };
  const answer = await gateway.ask(path);
  expect(answer.status).toBe(200);
  await expect(answer.arrayBuffer()).rejects.toThrow(/terminated/);
});

test('a transfer that sends too much does not spoil the answer', async () => {
  gateway.onContent = (call) => {
    call.accept();
    call.stream.end(Buffer.concat([requested(call), Buffer.from('more')]));
  };
  const answer = await gateway.ask(path, { headers: { range: 'bytes=0-9' } });
  expect((await bodyOf(answer)).equals(bytes.subarray(0, 10))).toBe(true);
});

test('a client that leaves ends the stream from transfer', async () => {
  gateway.onContent = (call) => void endless(call);
  const leave = new AbortController();
  const answer = await gateway.ask(`/api/v1/documents/${bigId}/content`, { signal: leave.signal });
  leave.abort();
  await expect(answer.arrayBuffer()).rejects.toThrow(/abort/);
  await eventually(() => calls[0]?.stream.destroyed);
});

test('a client that does not read holds transfer back', async () => {
  let sentBytes = () => 0;
  gateway.onContent = (call) => {
    sentBytes = endless(call);
  };
  const headers = { authorization: `Bearer ${API_KEY}` };
  const request = httpGet(`${gateway.url}/api/v1/documents/${bigId}/content`, { headers });
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  answer.pause();
  let before = 0;
  await eventually(() => {
    const isStill = before === sentBytes();
    before = sentBytes();
    return isStill;
  });
  expect(sentBytes()).toBeGreaterThan(0);
  expect(sentBytes()).toBeLessThan(64 * 2 ** 20);
  request.on('error', () => {}).destroy();
  await eventually(() => calls[0]?.stream.destroyed);
});

/** Accepts a call and writes for as long as it takes more; answers how much that was. */
function endless(call: IncomingCall): () => number {
  const { stream } = call;
  calls.push(call);
  call.accept();
  let sentBytes = 0;
  const write = (): void => {
    while (stream.writable && stream.write(bytes)) sentBytes += bytes.length;
  };
  stream.on('drain', write);
  write();
  return () => sentBytes;
}
