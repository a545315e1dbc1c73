// Real: nats-server. Stands in: transfer's store of the settings, by one in memory.
import { CollectionsSettings, LimitsSettings } from '@allibrary/contracts';
import { type TestNats, TestSettings, eventually, startNats } from '@allibrary/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Bus } from './bus.ts';
import { Settings } from './settings.ts';
import { serveSettings } from './testing/serve-settings.ts';

let nats: TestNats;
let owner: Bus;
let bus: Bus;
let settings: Settings;
let endOwner: () => Promise<void>;

const manuscripts = { id: 'manuscripts', name: 'Manuscripts', folder: '/srv/manuscripts' };
const withNames = (...names: string[]) => ({ collections: names.map((name) => ({ ...manuscripts, name })) });

beforeAll(async () => {
  nats = await startNats();
  owner = await Bus.connect({ servers: nats.url, token: nats.token, name: 'transfer' });
  bus = await Bus.connect({ servers: nats.url, token: nats.token, name: 'test' });
  settings = new Settings(bus);
});
afterAll(async () => {
  await bus.close();
  await owner.close();
  await nats.stop();
});
beforeEach(async () => {
  endOwner = await serveSettings(owner, new TestSettings());
});
afterEach(() => endOwner());

/** Follows the collections' names until the returned function is called. */
function followNames(): { readonly names: string[][]; end(): Promise<void> } {
  const names: string[][] = [];
  const end = new AbortController();
  const following = (async () => {
    for await (const { value } of settings.follow(CollectionsSettings, end.signal)) {
      names.push(value.collections.map(({ name }) => name));
    }
  })();
  return {
    names,
    end: async () => {
      end.abort();
      await following;
    },
  };
}

test('a section that was never written has its defaults; a written one is followed from write to write', async () => {
  expect(await settings.read(CollectionsSettings)).toEqual({
    value: { collections: [], freeze: { percent: 20, files: 20 } },
    revision: 0,
  });
  const followed = followNames();
  await eventually(() => expect(followed.names).toEqual([[]]) ?? true);
  await settings.write(CollectionsSettings, withNames('One'));
  await eventually(() => expect(followed.names).toEqual([[], ['One']]) ?? true);
  await settings.write(CollectionsSettings, withNames('Two'));
  await eventually(() => expect(followed.names.at(-1)).toEqual(['Two']) ?? true);
  await followed.end();
});

test('a follower outlasts an owner that is away, keeps its value meanwhile, and learns what was written later', async () => {
  await settings.write(CollectionsSettings, withNames('Before'));
  const followed = followNames();
  await eventually(() => followed.names.length === 1);
  await endOwner();
  await expect(settings.read(CollectionsSettings)).rejects.toMatchObject({ code: 'unavailable' });
  const stored = new TestSettings();
  await stored.write('limits', {});
  await stored.write('collections', withNames('After')); // nobody announces it
  endOwner = await serveSettings(owner, stored);
  await eventually(() => expect(followed.names).toEqual([['Before'], ['After']]) ?? true);
  await followed.end();
});

test('whoever starts before the owner waits for the first value', async () => {
  await endOwner();
  const first = settings.first(LimitsSettings, AbortSignal.timeout(30_000));
  endOwner = await serveSettings(owner, new TestSettings());
  expect(await first).toMatchObject({ activeDownloads: 4 });
  await expect(settings.first(LimitsSettings, AbortSignal.abort())).rejects.toThrow('aborted');
});

test('a value that this version cannot read is an error, never a default', async () => {
  await settings.write(CollectionsSettings, { collections: 'none' } as never).catch(() => {});
  await expect(settings.read(CollectionsSettings)).rejects.toThrow('Write them again');
});

test('a signal at any moment ends the following', async () => {
  for (let moment = 0; moment < 20; moment++) {
    const end = new AbortController();
    const following = (async () => {
      for await (const _ of settings.follow(LimitsSettings, end.signal));
    })();
    for (let trip = 0; trip < moment / 4; trip++) await bus.connection.flush();
    end.abort();
    await expect(following).resolves.toBeUndefined();
  }
});
