// Real: nats-server, with a stream as the key-value bucket of version 0.1 had it.
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { type TestNats, startNats } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Bus } from './bus.ts';
import { LegacySettings } from './legacy-settings.ts';

let nats: TestNats;
let bus: Bus;
beforeEach(async () => {
  nats = await startNats();
  bus = await Bus.connect({ servers: nats.url, token: nats.token, name: 'test' });
});
afterEach(async () => {
  await bus.close();
  await nats.stop();
});

test('without the bucket there are none', async () => {
  expect(await new LegacySettings(bus).read()).toBeNull();
});

test('the last value of each section is read; once removed they never come back', async () => {
  const manager = await jetstreamManager(bus.connection);
  await manager.streams.add({ name: 'KV_settings', subjects: ['$KV.settings.>'], max_msgs_per_subject: 10 });
  const legacy = new LegacySettings(bus);
  expect(await legacy.read()).toEqual({});
  const write = (section: string, value: unknown) =>
    jetstream(bus.connection).publish(`$KV.settings.${section}`, JSON.stringify(value));
  await write('limits', { activeDownloads: 2 });
  await write('collections', { collections: [{ id: 'maps' }] });
  await write('limits', { activeDownloads: 3 });
  expect(await legacy.read()).toEqual({
    limits: { activeDownloads: 3 },
    collections: { collections: [{ id: 'maps' }] },
  });
  await legacy.remove();
  expect(await legacy.read()).toBeNull();
});
