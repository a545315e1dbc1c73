// Real: both ends of the carrier, over TCP on loopback.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { CarrierRefused, callCarrier } from './call-carrier.ts';
import type { CarrierHeader } from './header.ts';
import { type CarrierListener, type IncomingCall, listenCarrier } from './listen-carrier.ts';

const TOKEN = 'a token of the test';
const HEADER: CarrierHeader = {
  kind: 'content',
  documentId: 'bafkreigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi',
  offset: 5,
  length: 7,
};

let listener: CarrierListener | undefined;
const failures: string[] = [];

afterEach(async () => {
  await listener?.close();
  failures.length = 0;
});

async function listen(onCall: (call: IncomingCall) => void): Promise<number> {
  const onFailure = (error: unknown) => void failures.push((error as Error).message);
  listener = await listenCarrier({ host: '127.0.0.1', port: 0, token: TOKEN, onCall, onFailure });
  return listener.port;
}

const call = (port: number, token = TOKEN): Promise<Socket> =>
  callCarrier({ host: '127.0.0.1', port, token, header: HEADER, timeoutMs: 1_000 });

test('an accepted call carries bytes both ways, each side ending when it likes', async () => {
  const headers: CarrierHeader[] = [];
  const port = await listen(({ header, stream, accept }) => {
    headers.push(header);
    accept();
    stream.pipe(stream);
  });
  const socket = await call(port);
  const sent = randomBytes(3_000_000);
  socket.end(sent);
  expect((await buffer(socket)).equals(sent)).toBe(true);
  expect(headers).toEqual([HEADER]);
});

test('a caller can take all bytes as they come, those behind the answer first, and hears of the end', async () => {
  const sent = randomBytes(3_000_000);
  const port = await listen(({ stream, accept }) => {
    accept();
    stream.end(sent);
  });
  const taken: Buffer[] = [];
  const onBytes = (chunk: Buffer) => void taken.push(Buffer.from(chunk));
  const socket = await callCarrier({
    ...{ host: '127.0.0.1', port, token: TOKEN, header: HEADER, timeoutMs: 1_000, onBytes },
  });
  if (!socket.readableEnded) await once(socket, 'end');
  socket.end();
  expect(Buffer.concat(taken).equals(sent)).toBe(true);
});

test('bytes that follow the first line at once are not lost', async () => {
  const port = await listen(({ stream, accept }) => {
    accept();
    stream.pipe(stream);
  });
  const socket = connect(port, '127.0.0.1');
  socket.end(`${JSON.stringify({ token: TOKEN, header: HEADER })}\nright behind it`);
  expect((await buffer(socket)).toString()).toBe('{"refused":null}\nright behind it');
});

test('a refusal reaches the caller with its reason', async () => {
  const port = await listen(({ refuse }) => refuse('not today'));
  await expect(call(port)).rejects.toThrow(new CarrierRefused('not today'));
});

test('a call with a wrong token is closed without an answer', async () => {
  const port = await listen(({ accept }) => accept());
  await expect(call(port, 'another token')).rejects.toThrow('ended before its first line');
  expect(failures[0]).toContain('ALLIBRARY_CARRIER_TOKEN');
});

test.each([
  ['no JSON', 'nonsense\n'],
  ['an unknown kind', `${JSON.stringify({ token: TOKEN, header: { kind: 'shell' } })}\n`],
  ['an endless line', 'x'.repeat(5_000)],
])('%s is closed, and the next call is served', async (_, line) => {
  const port = await listen(({ stream, accept }) => {
    accept();
    stream.end('served');
  });
  const stranger = connect(port, '127.0.0.1');
  stranger.on('error', () => {}).resume();
  stranger.write(line);
  await once(stranger, 'close');
  expect(failures).toHaveLength(1);
  expect((await buffer(await call(port))).toString()).toBe('served');
});

test('an answer that does not come in time is waited for no longer', async () => {
  const port = await listen(() => {});
  const late = callCarrier({ host: '127.0.0.1', port, token: TOKEN, header: HEADER, timeoutMs: 50 });
  await expect(late).rejects.toThrow('no first line within 50 ms');
});
