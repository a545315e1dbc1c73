// Real: libp2p hosts over loopback. The hostile side writes raw bytes into its streams.
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { eventually } from '@allibrary/testing';
import type { Stream } from '@libp2p/interface';
import { lpStream } from '@libp2p/utils';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type TestHost, connectHosts, nameAddresses, portOf, removeTestHost, startTestHost } from '../testing/hosts.ts';
import { serveBounded } from './bounded-handler.ts';
import { type Exchange, RefusedByPeer, answer, ask, encode, refuseAsBusy } from './exchange.ts';
import { type ProtocolLimits, toleratedRefusals } from './protocol-limits.ts';

const Number_ = z.object({ n: z.int() });
const LIMITS: ProtocolLimits = {
  streams: { perHolder: 2, perSubnet: 3, inTotal: 3 },
  rate: { burst: 30, perMinute: 1 },
};
const DOUBLE = {
  protocol: '/test/double/1.0.0',
  limits: LIMITS,
  question: Number_,
  maxQuestionBytes: 100,
  answer: Number_,
  maxAnswerBytes: 100,
  timeoutMs: 3_000,
} satisfies Exchange<typeof Number_, typeof Number_>;

let server: TestHost;
let client: TestHost;
let failures: string[];
let excesses: string[];
let refusals: string[];
let held: PromiseWithResolvers<void> | undefined;

beforeEach(async () => {
  [server, client] = [await startTestHost(), await startTestHost()];
  failures = [];
  excesses = [];
  refusals = [];
  held = undefined;
  await serveBounded(server.host, {
    protocol: DOUBLE.protocol,
    limits: LIMITS,
    serve: (stream) =>
      answer(stream, DOUBLE, async ({ n }) => {
        await held?.promise;
        return { n: n * 2 };
      }),
    refuse: refuseAsBusy,
    onExcess: (_peerId, excess) => excesses.push(excess),
    onRefused: (reason) => refusals.push(reason),
    onFailure: (_peerId, error) => failures.push(String(error)),
  });
  await connectHosts(client.host, server.host);
});
afterEach(async () => {
  held?.resolve();
  await removeTestHost(client);
  await removeTestHost(server);
});

const never = new AbortController().signal;
const openFrom = ({ host }: TestHost): Promise<Stream> => {
  nameAddresses(host, server.host.getMultiaddrs());
  return host.dialProtocol(server.host.getMultiaddrs(), DOUBLE.protocol);
};
const double = async (n: number, from = client) => ask(await openFrom(from), DOUBLE, { n }, never);
const isGone = (stream: Stream) => eventually(() => !['open', 'closing'].includes(stream.status));
const streamsOf = ({ host }: TestHost) =>
  host.getConnections().flatMap(({ streams }) => streams.filter(({ protocol }) => protocol === DOUBLE.protocol));

test('a question gets its answer, and the stream is gone on both sides', async () => {
  expect(await double(21)).toEqual({ n: 42 });
  await eventually(() => streamsOf(server).length + streamsOf(client).length === 0);
  expect(failures).toEqual([]);
});

describe('a peer that asks', () => {
  test.each([
    ['random bytes', () => randomBytes(60)],
    ['a frame that is too long', () => Buffer.concat([Buffer.from([0xff, 0x7f]), randomBytes(16_383)])],
    ['a length that never ends', () => Buffer.alloc(4_000, 0xff)],
    ['a frame that is not a question', () => Buffer.from([4, ...Buffer.from('null')])],
    ['a frame that is not JSON', () => Buffer.from([4, 0xff, 0xfe, 0x00, 0x01])],
  ])('%s has its stream reset, with a reason; others are answered', async (_name, bytes) => {
    const stream = await openFrom(client);
    stream.send(bytes());
    await isGone(stream);
    await eventually(() => failures.length === 1);
    expect(await double(1)).toEqual({ n: 2 });
  });

  test('one byte, and then nothing, is given up', async () => {
    const stream = await openFrom(client);
    stream.send(Buffer.from([40]));
    await isGone(stream);
    await eventually(() => failures.length === 1);
    expect(await double(1)).toEqual({ n: 2 });
  });

  test('and never ends its stream has it reset, and its place is free again', async () => {
    const streams = await Promise.all([openFrom(client), openFrom(client)]);
    for (const stream of streams) await lpStream(stream).write(encode({ n: 1 }));
    await Promise.all(streams.map(isGone));
    await eventually(async () => (await double(1)).n === 2);
  });
});

describe('beyond the bounds', () => {
  test('a peer is refused politely, over whichever connection it comes; another one is answered', async () => {
    held = Promise.withResolvers();
    const running = [double(1), double(2)];
    await eventually(() => streamsOf(server).length === 2);
    await connectHosts(client.host, server.host, { force: true });
    await expect(double(3)).rejects.toThrow('it refused: busy');
    const other = await startTestHost();
    const answered = double(4, other);
    await eventually(() => streamsOf(server).length === 3);
    held.resolve();
    expect(await Promise.all([...running, answered])).toEqual([{ n: 2 }, { n: 4 }, { n: 8 }]);
    await removeTestHost(other);
  });

  test('a newcomer replaces the oldest stream of the peer with most streams', async () => {
    held = Promise.withResolvers();
    const others = [await startTestHost(), await startTestHost()];
    const oldest = double(1).catch(() => 'ended');
    await eventually(() => streamsOf(server).length === 1);
    const running = [double(2), double(3, others[0])];
    await eventually(() => streamsOf(server).length === 3);
    const newest = double(4, others[1]);
    expect(await oldest).toBe('ended');
    held.resolve();
    expect(await Promise.all([...running, newest])).toEqual([{ n: 4 }, { n: 6 }, { n: 8 }]);
    expect(refusals).toEqual(['too-many-of-subnet']);
    await Promise.all(others.map(removeTestHost));
  });
});

describe('a peer that answers', () => {
  const answeredBy = async (serve: (stream: Stream) => void) => {
    await client.host.handle('/test/liar/1.0.0', serve, { force: true });
    const stream = await server.host.dialProtocol(client.host.peerId, '/test/liar/1.0.0');
    return { stream, reply: ask(stream, DOUBLE, { n: 1 }, never) };
  };

  test.each([
    ['random bytes', Buffer.from([60, ...randomBytes(60)]), 'not understood'],
    ['too much', Buffer.concat([Buffer.from([0xff, 0x7f]), randomBytes(16_383)]), 'overflow'],
    ['something else', Buffer.from([2, ...Buffer.from('{}')]), 'not understood'],
  ])('%s is not believed, and its stream is reset', async (_name, bytes, reason) => {
    const { stream, reply } = await answeredBy((theirs) => void theirs.send(bytes));
    await expect(reply).rejects.toThrow(reason);
    await isGone(stream);
  });

  test('nothing is not waited for', async () => {
    const { stream, reply } = await answeredBy(() => {});
    await expect(reply).rejects.toThrow('aborted due to timeout');
    await isGone(stream);
  });

  test('and does not end its stream is believed, and its stream is reset', async () => {
    const { stream, reply } = await answeredBy(
      (theirs) => void theirs.send(Buffer.from([7, ...Buffer.from('{"n":2}')])),
    );
    expect(await reply).toEqual({ n: 2 });
    await isGone(stream);
  });

  test('is left at once when nobody waits for it any more', async () => {
    const stream = await openFrom(client);
    const gone = AbortSignal.abort(new Error('nobody waits'));
    await expect(ask(stream, DOUBLE, { n: 1 }, gone)).rejects.toThrow('nobody waits');
    await isGone(stream);
  });
});

test('strangers that send random bytes to the port are reported with a reason, and cost nobody their connection', async () => {
  const strangers = Array.from({ length: 10 }, () => connect(portOf(server.host), '127.0.0.1'));
  for (const socket of strangers) socket.on('error', () => {}).write(randomBytes(5_000));
  await eventually(() => server.problems.filter((problem) => problem.includes('inbound')).length >= strangers.length);
  expect(await double(1)).toEqual({ n: 2 });
  for (const socket of strangers) socket.destroy();
});

test('a peer above the rate receives the time to wait; only one that continues has misbehaved; others are answered', async () => {
  const { burst } = LIMITS.rate;
  for (let n = 0; n < burst; n++) expect(await double(n)).toEqual({ n: n * 2 });
  const refusal = await double(1).then(
    () => null,
    (error: unknown) => error as RefusedByPeer,
  );
  expect(refusal).toBeInstanceOf(RefusedByPeer);
  expect(refusal?.retryAfterMs).toBeGreaterThan(1_000); // the pause for a slot; a minute less what has passed
  expect(refusal?.retryAfterMs).toBeLessThanOrEqual(60_000);
  for (let n = 1; n < toleratedRefusals(LIMITS).burst; n++) await expect(double(1)).rejects.toThrow('it refused: busy');
  expect(excesses).toEqual([]);
  await expect(double(1)).rejects.toThrow('it refused: busy');
  expect(excesses).toEqual(['too-fast']);
  const other = await startTestHost();
  await connectHosts(other.host, server.host);
  expect(await double(2, other)).toEqual({ n: 4 });
  await removeTestHost(other);
});
