// Real: nats-server with JetStream, Nest, the transport. Contracts and handlers are the test's own.
import { setTimeout as delay } from 'node:timers/promises';
import { event, request, requestMany } from '@allibrary/contracts';
import { type TestNats, eventually, startNats } from '@allibrary/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { Controller, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { Bus } from './bus.ts';
import { RequestFailure, Unrecoverable } from './failures.ts';
import { type Delivery, type Exchange, OnEvent, OnRequest, OnRequestMany } from './handlers.ts';
import { JetStreamTransport } from './jetstream-transport.ts';

const Counted = event({
  stream: 'LIBRARY',
  subject: 'library.test.counted',
  schema: z.object({ n: z.int() }),
  key: ({ n }) => String(n),
});
const Slow = event({
  stream: 'LIBRARY',
  subject: 'library.test.slow',
  schema: z.object({ n: z.int() }),
  key: ({ n }) => String(n),
});
const Double = request({
  subject: 'test.double',
  request: z.object({ n: z.int() }),
  reply: z.object({ n: z.int() }),
  timeoutMs: 1_000,
});
const CountUp = requestMany({
  subject: 'test.count-up',
  request: z.object({ to: z.int() }),
  reply: z.object({ n: z.int() }),
  timeoutMs: 5_000,
});

/** Its responder replies when the test lets it. */
const Ponder = request({
  subject: 'test.ponder',
  request: z.object({}),
  reply: z.object({}),
  timeoutMs: 60_000,
});

const slow: { n: number; attempt: number }[] = [];
const handled: { n: number; attempt: number }[] = [];
let ended = false;
let isPondering = false;
const pondered = Promise.withResolvers<Record<string, never>>();
let decide: (n: number, attempt: number) => void = () => {};

@Controller()
class TestHandlers {
  @OnEvent(Counted, { backoffMs: [10, 20] })
  async onCounted({ n }: { n: number }, { attempt }: Delivery): Promise<void> {
    handled.push({ n, attempt });
    decide(n, attempt);
  }

  @OnEvent(Slow, { concurrency: 1, ackWaitMs: 600 })
  async onSlow({ n }: { n: number }, { attempt }: Delivery): Promise<void> {
    await delay(1_000); // longer than the broker would wait for a handler that shows no life
    slow.push({ n, attempt });
  }

  @OnRequest(Double)
  double({ n }: { n: number }): { n: number } {
    if (n === 13) throw new RequestFailure('not-found', 'there is no 13');
    if (n === 14) throw new Error('a defect');
    return { n: n * 2 };
  }

  @OnRequest(Ponder)
  ponder(): Promise<Record<string, never>> {
    isPondering = true;
    return pondered.promise;
  }

  @OnRequestMany(CountUp)
  async *countUp({ to }: { to: number }, { signal }: Exchange): AsyncGenerator<{ n: number }> {
    try {
      for (let n = 1; n <= to && !signal.aborted; n++) yield { n };
    } finally {
      ended = true;
    }
  }
}

let nats: TestNats;
let bus: Bus;
let running: INestMicroservice[] = [];

beforeAll(async () => {
  nats = await startNats();
  bus = await Bus.connect({ servers: nats.url, token: nats.token, name: 'test' });
});
afterEach(async () => {
  await Promise.all(running.map((app) => app.close()));
  running = [];
  handled.length = 0;
  decide = () => {};
});
afterAll(async () => {
  await bus.close();
  await nats.stop();
});

async function serve(service: string): Promise<INestMicroservice> {
  const app = await NestFactory.createMicroservice(
    { module: class TestModule {}, controllers: [TestHandlers] },
    { strategy: new JetStreamTransport({ bus, service }), logger: false },
  );
  await app.listen();
  running.push(app);
  return app;
}

const deadLetters = async (): Promise<number> => {
  const manager = await jetstreamManager(bus.connection);
  return (await manager.streams.info('DEAD')).state.messages;
};

test('a fact that is published twice is handled once', async () => {
  await serve('once');
  await bus.publish(Counted, { n: 1 });
  await bus.publish(Counted, { n: 1 });
  await bus.publish(Counted, { n: 2 });
  await eventually(() => handled.length === 2);
  expect(handled.map(({ n }) => n).toSorted((a, b) => a - b)).toEqual([1, 2]);
});

test('a failing handler is tried again, and its message is buried when the attempts are used up', async () => {
  const before = await serve('retry').then(deadLetters);
  decide = (n, attempt) => {
    if (n === 100) throw new Error('never');
    if (n === 101 && attempt < 3) throw new Error('not yet');
    if (n === 102) throw new Unrecoverable('hopeless');
  };
  for (const n of [100, 101, 102]) await bus.publish(Counted, { n });
  await eventually(async () => (await deadLetters()) === before + 2);
  const attempts = (n: number) => handled.filter((each) => each.n === n).length;
  expect([attempts(100), attempts(101), attempts(102)]).toEqual([3, 3, 1]);
});

test('a message that is no JSON or not of the contract is buried, and the next one is handled', async () => {
  const before = await serve('malformed').then(deadLetters);
  bus.connection.publish(Counted.subject, 'no json');
  bus.connection.publish(Counted.subject, '{"n":"four"}');
  await bus.publish(Counted, { n: 200 });
  await eventually(() => handled.some(({ n }) => n === 200));
  await eventually(async () => (await deadLetters()) === before + 2);
});

test('what a stopped service left unhandled is handled when it comes back', async () => {
  await (await serve('returning')).close();
  running = [];
  await bus.publish(Counted, { n: 300 });
  await serve('returning');
  await eventually(() => handled.some(({ n }) => n === 300));
});

test('a message that waits behind slow ones is not delivered again', async () => {
  await serve('slow');
  for (const n of [310, 311, 312]) await bus.publish(Slow, { n });
  await eventually(() => slow.length === 3, { timeoutMs: 20_000 });
  expect(slow).toEqual([
    { n: 310, attempt: 1 },
    { n: 311, attempt: 1 },
    { n: 312, attempt: 1 },
  ]);
});

test('a publisher outlasts a broker that was killed', async () => {
  await serve('outlast');
  const restarted = nats.restart();
  await bus.publish(Counted, { n: 400 });
  await restarted;
  await eventually(() => handled.some(({ n }) => n === 400), { timeoutMs: 20_000 });
  expect(handled.filter(({ n }) => n === 400)).toHaveLength(1);
});

test('a request is answered, or fails with its code', async () => {
  await serve('answers');
  await expect(bus.request(Double, { n: 4 })).resolves.toEqual({ n: 8 });
  await expect(bus.request(Double, { n: 13 })).rejects.toMatchObject({ code: 'not-found', message: 'there is no 13' });
  await expect(bus.request(Double, { n: 14 })).rejects.toMatchObject({ code: 'internal', message: 'a defect' });
});

test('a request that nobody serves is unavailable', async () => {
  await expect(bus.request(Double, { n: 1 })).rejects.toMatchObject({ code: 'unavailable' });
});

test('many replies come in order, and leaving the loop ends the responder', async () => {
  await serve('many');
  const all: number[] = [];
  for await (const { n } of bus.requestMany(CountUp, { to: 5 })) all.push(n);
  expect(all).toEqual([1, 2, 3, 4, 5]);
  expect(ended).toBe(true);
  for await (const { n } of bus.requestMany(CountUp, { to: 100 })) if (n === 3) break;
});

test('a signal ends the wait for a reply at once, with its reason', async () => {
  await serve('abandoned');
  const caller = new AbortController();
  const { signal } = caller;
  const waiting = bus.request(Ponder, {}, { signal });
  await eventually(() => isPondering);
  caller.abort(new Error('no longer wanted'));
  await expect(waiting).rejects.toThrow('no longer wanted');
  await expect(bus.request(Double, { n: 1 }, { signal })).rejects.toThrow('no longer wanted');
  pondered.resolve({});
});

test('who watches sees facts as they happen', async () => {
  const stop = new AbortController();
  const seen: number[] = [];
  const watching = (async () => {
    for await (const { n } of bus.watch(Counted, stop.signal)) seen.push(n);
  })();
  await bus.connection.flush();
  await bus.publish(Counted, { n: 500 });
  await eventually(() => seen.length === 1);
  stop.abort();
  await watching;
  expect(seen).toEqual([500]);
});
