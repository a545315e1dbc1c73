import { CollectionsSettings, LimitsSettings } from '@allibrary/contracts';
import { type TestNats, eventually, startNats } from '@allibrary/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Bus } from './bus.ts';
import { Settings } from './settings.ts';

// Real: nats-server, its JetStream and its key-value store.
let nats: TestNats;
let bus: Bus;
let store: Settings;

const manuscripts = { id: 'manuscripts', name: 'Manuscripts', folder: '/srv/manuscripts' };
const withNames = (...names: string[]) => ({ collections: names.map((name) => ({ ...manuscripts, name })) });

beforeAll(async () => {
  nats = await startNats();
  bus = await Bus.connect({ servers: nats.url, token: nats.token, name: 'test' });
});

afterAll(async () => {
  await bus.close();
  await nats.stop();
});

test('a section that was never written has its defaults; a written one keeps its value, and tells of each change', async () => {
  store = await Settings.open(bus);
  expect(await store.read(CollectionsSettings)).toEqual({
    value: { collections: [], freeze: { percent: 20, files: 20 } },
    revision: 0,
  });

  const names: string[][] = [];
  const end = new AbortController();
  const following = (async () => {
    for await (const { value } of store.follow(CollectionsSettings, end.signal))
      names.push(value.collections.map(({ name }) => name));
  })();
  await eventually(() => expect(names).toEqual([[]]));
  await store.write(CollectionsSettings, withNames('One'));
  await eventually(() => expect(names).toEqual([[], ['One']]));
  await store.write(CollectionsSettings, withNames('Two'));
  await eventually(() => expect(names.at(-1)).toEqual(['Two']));
  end.abort();
  await following;

  const again = await Settings.open(bus);
  expect((await again.read(CollectionsSettings)).value.collections).toMatchObject([{ name: 'Two' }]);
});

test('of two writers who saw the same revision the second is told of the conflict', async () => {
  store = await Settings.open(bus);
  const { revision } = await store.read(CollectionsSettings);
  await store.write(CollectionsSettings, withNames('First'), revision);
  await expect(store.write(CollectionsSettings, withNames('Second'), revision)).rejects.toMatchObject({
    code: 'conflict',
  });
  expect((await store.read(CollectionsSettings)).value.collections).toMatchObject([{ name: 'First' }]);
});

test('a value that the schema refuses is not written', async () => {
  store = await Settings.open(bus);
  await expect(
    store.write(CollectionsSettings, {
      collections: [
        { ...manuscripts, id: 'one' },
        { ...manuscripts, id: 'two', folder: '/srv/manuscripts/old' },
      ],
    }),
  ).rejects.toThrow('must not lie in the folder of another');
});

test('a signal at any moment ends the following, also of a section that was never written', async () => {
  store = await Settings.open(bus);
  for (let moment = 0; moment < 40; moment++) {
    const end = new AbortController();
    const following = (async () => {
      for await (const _ of store.follow(LimitsSettings, end.signal));
    })();
    // To begin to follow takes several round trips to the broker, a flush takes one.
    for (let trip = 0; trip < moment / 4; trip++) await bus.connection.flush();
    end.abort();
    await expect(following).resolves.toBeUndefined();
  }
});
