// Real: nats-server, its streams and durables.
import { FileLost } from '@allibrary/contracts';
import { type TestNats, startNats } from '@allibrary/testing';
import { AckPolicy, jetstream } from '@nats-io/jetstream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backlogOf, ownBacklog } from './backlog.ts';
import { Bus } from './bus.ts';
import { provisionStreams } from './streams.ts';

let nats: TestNats;
let bus: Bus;

beforeAll(async () => {
  nats = await startNats();
  bus = await Bus.connect({ servers: nats.url, token: nats.token, name: 'test' });
});
afterAll(async () => {
  await bus.close();
  await nats.stop();
});

test('the backlog is that of the durable in use; a service that never asked has none', async () => {
  const manager = await provisionStreams(bus);
  const subscribe = (name: string) =>
    manager.consumers.add(FileLost.stream, {
      durable_name: `${name}__library_file_lost`,
      filter_subject: FileLost.subject,
      ack_policy: AckPolicy.Explicit,
    });
  const lose = (path: string) => bus.publish(FileLost, { collection: 'library', path, observedAtMs: 1 });
  expect(await backlogOf(bus, 'transfer', FileLost)).toBeNull();
  await subscribe('transfer__old');
  for (const path of ['a', 'b', 'c']) await lose(path);
  expect(await backlogOf(bus, 'transfer', FileLost)).toBe(3);
  const { name } = await subscribe('transfer__new');
  const consumer = await jetstream(bus.connection).consumers.get(FileLost.stream, name);
  await (await consumer.next())?.ackAck();
  expect(await backlogOf(bus, 'transfer', FileLost)).toBe(2);
  expect(await backlogOf(bus, 'indexer', FileLost)).toBeNull();
  expect(await ownBacklog(bus, 'transfer', 'old', FileLost)).toBe(3);
  expect(await ownBacklog(bus, 'transfer', 'new', FileLost)).toBe(2);
  expect(await ownBacklog(bus, 'transfer', 'newer', FileLost)).toBeNull();
});
