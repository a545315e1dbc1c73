// Real: nats-server with JetStream and its store on disk, Nest, the transport. Handlers are the test's own.
import { cp, rm } from 'node:fs/promises';
import { event } from '@allibrary/contracts';
import { type TestNats, eventually, startNats } from '@allibrary/testing';
import { Controller, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { ownBacklog } from './backlog.ts';
import { Bus } from './bus.ts';
import { OnEvent } from './handlers.ts';
import { JetStreamTransport } from './jetstream-transport.ts';
import { jetStreamReady } from './streams.ts';

const Counted = event({
  stream: 'LIBRARY',
  subject: 'library.test.counted',
  schema: z.object({ n: z.int() }),
  key: ({ n }) => String(n),
});
const DURABLE = 'service__one__library_test_counted';
const SOON = { timeoutMs: 20_000 };

let handled: number[] = [];
/** Holds up the handler of a fact. */
let hold: (n: number) => Promise<void>;

@Controller()
class TestHandlers {
  @OnEvent(Counted)
  async onCounted({ n }: { n: number }): Promise<void> {
    handled.push(n);
    await hold(n);
  }
}

let nats: TestNats;
let bus: Bus;
let gaps: number;
let transport: JetStreamTransport;
let app: INestMicroservice | undefined;

beforeEach(async () => {
  handled = [];
  hold = async () => {};
  gaps = 0;
  nats = await startNats();
  bus = await Bus.connect({ servers: nats.url, token: nats.token, name: 'test' });
  bus.onGap(() => (gaps += 1));
});
afterEach(async () => {
  await app?.close();
  app = undefined;
  await bus.close();
  await nats.stop();
});

async function serve(): Promise<void> {
  transport = new JetStreamTransport({ bus, service: 'service', generation: 'one' });
  const module = { module: class TestModule {}, controllers: [TestHandlers] };
  app = await NestFactory.createMicroservice(module, { strategy: transport, logger: false });
  await app.listen();
}

async function publish(...numbers: number[]): Promise<void> {
  for (const n of numbers) await bus.publish(Counted, { n });
}

const untilHandled = (...numbers: number[]) =>
  eventually(() => expect(handled).toEqual(expect.arrayContaining(numbers)) ?? true, SOON);

const backlog = () => ownBacklog(bus, 'service', 'one', Counted);

const durable = async () => (await jetStreamReady(bus)).consumers.info('LIBRARY', DURABLE);

/** Stores a stream's state, and what undoes all that happens to its messages after this. */
async function rememberMessages(): Promise<() => Promise<void>> {
  const messages = `${nats.store}/jetstream/$G/streams/LIBRARY/msgs`;
  await nats.restart(undefined, 'SIGTERM'); // it writes everything at its end
  await cp(messages, `${nats.store}/older`, { recursive: true });
  return () =>
    nats.restart(async () => {
      await rm(messages, { recursive: true });
      await cp(`${nats.store}/older`, messages, { recursive: true });
    }, 'SIGTERM');
}

test('a durable that is ahead of its stream is created again before anything is published', async () => {
  await serve();
  await publish(1, 2);
  await untilHandled(1, 2);
  const loseMessages = await rememberMessages();
  await publish(3, 4, 5, 6);
  await untilHandled(3, 4, 5, 6);
  await app?.close();
  await loseMessages();
  const { state } = await (await jetStreamReady(bus)).streams.info('LIBRARY');
  expect((await durable()).delivered.stream_seq).toBeGreaterThan(state.last_seq);
  handled = [];
  await serve();
  await publish(7);
  await untilHandled(7);
  await eventually(async () => (await backlog()) === 0, SOON);
});

test('a durable that is ahead of its stream after a reconnect is created again, and the gap is reported', async () => {
  await serve();
  await publish(1);
  await untilHandled(1);
  const loseMessages = await rememberMessages();
  await publish(2, 3, 4);
  await untilHandled(2, 3, 4);
  const before = gaps;
  await loseMessages();
  await eventually(() => gaps > before, SOON);
  await publish(5);
  await untilHandled(5);
  await eventually(async () => (await backlog()) === 0, SOON);
});

test('a consumer that stands in its stream keeps its position over a reconnect', async () => {
  await serve();
  await publish(1);
  await untilHandled(1);
  const { created } = await durable();
  await nats.restart();
  await eventually(() => gaps === 1, SOON);
  await publish(2);
  await untilHandled(2);
  // A durable that is created again is younger by at least the time that the reconnect took.
  expect(Date.parse((await durable()).created) - Date.parse(created)).toBeLessThan(100);
});

test('streams and consumers come back when the store is deleted under a running service', async () => {
  await serve();
  await publish(1);
  await untilHandled(1);
  await nats.restart(() => rm(`${nats.store}/jetstream`, { recursive: true }));
  await publish(2);
  await untilHandled(2);
  await eventually(async () => (await backlog()) === 0, SOON);
});

test('a durable that somebody deletes while it is used is created again', async () => {
  await serve();
  await publish(1);
  await untilHandled(1);
  await (await jetStreamReady(bus)).consumers.delete('LIBRARY', DURABLE);
  await publish(2);
  await eventually(() => handled.includes(2), { timeoutMs: 50_000 });
  expect(gaps).toBe(1);
});

test('a stream that somebody deletes while it is used is created again', async () => {
  await serve();
  await publish(1);
  await untilHandled(1);
  await (await jetStreamReady(bus)).streams.delete('LIBRARY');
  await eventually(() => gaps === 1, { timeoutMs: 50_000 });
  await publish(2);
  await untilHandled(2);
});

test('a fact of a lost stream that is still in hand settles no fact of the new one', async () => {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  hold = async (n) => gates[n - 1]?.promise;
  await serve();
  await publish(1);
  await untilHandled(1);
  await (await jetStreamReady(bus)).streams.delete('LIBRARY');
  await eventually(() => gaps === 1, { timeoutMs: 50_000 });
  await publish(2); // it has the same sequences as the first
  await untilHandled(2);
  gates[0]?.resolve();
  await bus.connection.flush();
  expect(await backlog()).toBe(1);
  gates[1]?.resolve();
  await eventually(async () => (await backlog()) === 0, SOON);
});

test('the durables exist before the service handles or publishes anything', async () => {
  transport = new JetStreamTransport({ bus, service: 'service', generation: 'one' });
  const module = { module: class TestModule {}, controllers: [TestHandlers] };
  app = await NestFactory.createMicroservice(module, { strategy: transport, logger: false });
  await app.init(); // the handlers are registered
  await transport.prepare();
  expect(await backlog()).toBe(0);
  await publish(1);
  expect(await backlog()).toBe(1);
  await app.listen();
  await untilHandled(1);
});
