// Real: two libp2p hosts over loopback, TCP sockets at both ends of the splices.
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import type { Stream } from '@libp2p/interface';
import { PIECES_PROTOCOL } from '@allibrary/contracts';
import { eventually } from '@allibrary/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { splice } from './splice.ts';
import { type TestHost, connectHosts, removeTestHost, socketPair, startTestHost } from '../testing/hosts.ts';

const MIB = 1_048_576;
/** Its bytes have no other limit than how many may wait. */
const PROTOCOL = PIECES_PROTOCOL;

let near: TestHost;
let far: TestHost;
const sockets: Socket[] = [];

/** A way from a socket at the host that was asked, which serves bytes in bulk, to one at the host that asked. */
interface Way {
  readonly here: Socket;
  readonly there: Socket;
  readonly outbound: Stream;
  readonly inbound: Stream;
  readonly ended: Promise<unknown>;
}

beforeAll(async () => {
  near = await startTestHost();
  far = await startTestHost();
  await connectHosts(near.host, far.host);
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(async () => {
  await removeTestHost(near);
  await removeTestHost(far);
});

async function openWay(): Promise<Way> {
  const arrived = Promise.withResolvers<Stream>();
  await far.host.handle(PROTOCOL, (stream) => arrived.resolve(stream), { force: true });
  const outbound = await near.host.dialProtocol(far.host.peerId, PROTOCOL);
  const inbound = await arrived.promise;
  const [here, hereInside] = await socketPair();
  const [there, thereInside] = await socketPair();
  sockets.push(here, there, hereInside, thereInside);
  const ended = Promise.all([splice(inbound, hereInside, () => {}), splice(outbound, thereInside, () => {})]);
  return { here, there, outbound, inbound, ended };
}

/** Waits until a socket breaks; answers how. */
async function broken(socket: Socket): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  return promise;
}

/** Writes non-uniform bytes as fast as the socket takes them, and ends; answers their digest. */
async function send(socket: Socket, sizeBytes: number): Promise<string> {
  const hash = createHash('sha256');
  const block = randomBytes(MIB);
  for (let sent = 0; sent < sizeBytes; ) {
    const part = Buffer.from(block.subarray(0, Math.min(MIB, sizeBytes - sent)));
    part.writeUInt32BE((sent / MIB) >>> 0);
    hash.update(part);
    sent += part.length;
    if (!socket.write(part)) await once(socket, 'drain');
  }
  socket.end();
  return hash.digest('hex');
}

/** Reads to the end, at the pace that `pause` gives; answers the digest. */
async function receive(socket: Socket, pause: () => Promise<unknown> = () => Promise.resolve()): Promise<string> {
  const hash = createHash('sha256');
  // A loop over the socket itself would destroy it at the end, with what it still has to send.
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    await pause();
  }
  return hash.digest('hex');
}

test('64 MiB go to a slow reader while its requests come the other way, all bit-identical', {
  timeout: 60_000,
}, async () => {
  const { here, there, ended } = await openWay();
  const slowly = async () => {
    for (let turns = 0; turns < 20; turns++) await turn();
  };
  const [sentThere, sentHere, gotThere, gotHere] = await Promise.all([
    send(here, 64 * MIB),
    send(there, 4 * MIB),
    receive(there, slowly),
    receive(here),
  ]);
  expect(gotThere).toBe(sentThere);
  expect(gotHere).toBe(sentHere);
  await ended;
});

test('a reader that stops midway stops the writer with bounded buffers, and then loses nothing', async () => {
  const { here, there, outbound, inbound } = await openWay();
  const hash = createHash('sha256');
  let got = 0;
  const onData = (chunk: Buffer) => {
    hash.update(chunk);
    got += chunk.length;
    if (got >= 32 * MIB && got - chunk.length < 32 * MIB) there.pause(); // by now the window has grown
  };
  there.on('data', onData);
  const sent = send(here, 128 * MIB);

  await eventually(() => there.isPaused() && here.writableNeedDrain);
  const before = await standstill(() => here.bytesWritten - here.writableLength);
  expect(before).toBeLessThan(128 * MIB);
  expect(outbound.readBufferLength).toBeLessThanOrEqual(16 * MIB);
  expect(inbound.writeBufferLength).toBeLessThanOrEqual(MIB);
  expect(outbound.status).toBe('open');

  there.resume();
  await once(there, 'end');
  expect(hash.digest('hex')).toBe(await sent);
});

test('a stranger that sends in bulk what nobody reads loses its stream', async () => {
  const { here, there, ended } = await openWay();
  here.pause();
  const gone = broken(there);
  there.write(Buffer.alloc(16 * MIB));
  expect(await gone).toBe('ECONNRESET');
  await ended;
});

/** Answers a figure when it has been the same for several looks. */
async function standstill(figure: () => number): Promise<number> {
  let before = -1;
  let same = 0;
  await eventually(() => {
    same = figure() === before ? same + 1 : 0;
    before = figure();
    return same >= 5;
  });
  return before;
}

test('what was sent before the end arrives when its reader only starts after the end', async () => {
  const { here, there } = await openWay();
  there.pause();
  const sent = await send(here, 3 * MIB);
  await once(here, 'finish');
  expect(await receive(there)).toBe(sent);
});

test('an end in one direction leaves the other one open', async () => {
  const { here, there, ended } = await openWay();
  here.end('question');
  const [question] = (await once(there, 'data')) as [Buffer];
  await once(there, 'end');
  there.end('answer');
  const [answer] = (await once(here, 'data')) as [Buffer];
  expect([question.toString(), answer.toString()]).toEqual(['question', 'answer']);
  await ended;
});

test('a socket that breaks resets the stream, and the far socket is closed', async () => {
  const { here, there, ended } = await openWay();
  here.write('some');
  await once(there, 'data');
  const gone = broken(there);
  here.resetAndDestroy();
  expect(await gone).toBe('ECONNRESET');
  await ended;
});

test('a stream that is reset closes both sockets', async () => {
  const { here, there, inbound, ended } = await openWay();
  const gone = [broken(here), broken(there)];
  here.resume();
  there.resume();
  inbound.abort(new Error('the peer had enough'));
  expect(await Promise.all(gone)).toEqual(['ECONNRESET', 'ECONNRESET']);
  await ended;
});

test('a socket that was gone before the splice began resets the stream', async () => {
  const arrived = Promise.withResolvers<Stream>();
  await far.host.handle(PROTOCOL, (stream) => arrived.resolve(stream), { force: true });
  const outbound = await near.host.dialProtocol(far.host.peerId, PROTOCOL);
  const inbound = await arrived.promise;
  const [here, inside] = await socketPair();
  here.destroy();
  inside.destroy();
  await once(inside, 'close');
  await splice(outbound, inside, () => {});
  await eventually(() => inbound.status !== 'open');
});

test('a connection that breaks in full flow closes both sockets, and nothing is thrown', async () => {
  const { here, there, ended } = await openWay();
  const block = randomBytes(MIB);
  const flow = () => {
    while (here.writable && here.write(block));
  };
  for (const socket of [here, there]) {
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    socket.resume();
  }
  here.on('drain', flow);
  flow();
  await once(there, 'data');
  for (const connection of near.host.getConnections()) connection.abort(new Error('the cable is cut'));
  await ended;
  await eventually(() => here.closed && there.closed);
  await connectHosts(near.host, far.host);
});
