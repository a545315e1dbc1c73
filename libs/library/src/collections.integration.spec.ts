// Real: nats-server, a temp folder. Stands in: transfer's store of the settings, by one in memory.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CollectionsSettings } from '@allibrary/contracts';
import { Bus, Settings, serveSettings } from '@allibrary/messaging';
import { type TempFolder, type TestNats, TestSettings, eventually, startNats, tempFolder } from '@allibrary/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Collections } from './collections.ts';
import { OutsideLibrary } from './opened-folder.ts';
import { firstCollection } from './wanted-collections.ts';

let nats: TestNats;
let bus: Bus;
let folder: TempFolder;

beforeAll(async () => {
  nats = await startNats();
  bus = await Bus.connect({ servers: nats.url, token: nats.token, name: 'test' });
  folder = await tempFolder();
  await mkdir(join(folder.path, 'maps'));
  await writeFile(join(folder.path, 'maps/paris.png'), 'map');
});

afterAll(async () => {
  await bus.close();
  await nats.stop();
  await folder.remove();
});

test('until the settings are known there is no collection; then each change is taken in', async () => {
  const settings = new Settings(bus);
  const collections = await Collections.open(settings, { libraryDir: folder.path, libraryRoots: [] });
  expect(collections.isKnown).toBe(false);
  expect(collections.all).toEqual([]);

  const endSettings = await serveSettings(bus, new TestSettings());
  await settings.write(CollectionsSettings, { collections: [firstCollection(folder.path)] });
  await collections.known();
  expect(collections.all.map(({ collection }) => collection)).toMatchObject([
    { id: 'library', folder: folder.path, visibility: 'public', writable: true, takesDownloads: true },
  ]);
  expect((await collections.stat({ collection: 'library', path: 'maps/paris.png' }))?.size).toBe(3);

  let changes = 0;
  collections.onChange(() => (changes += 1));
  const maps = { id: 'maps', name: 'Maps', folder: join(folder.path, 'maps'), writable: false };
  await settings.write(CollectionsSettings, { collections: [maps] });
  await eventually(() => changes > 0 && collections.find('maps') !== undefined);
  expect(collections.forDownloads).toBeUndefined();
  expect((await collections.stat({ collection: 'maps', path: 'paris.png' }))?.size).toBe(3);
  expect(await collections.stat({ collection: 'library', path: 'maps/paris.png' })).toBeUndefined();
  await expect(collections.openFile({ collection: 'library', path: 'maps/paris.png' })).rejects.toThrow(OutsideLibrary);

  await settings.write(CollectionsSettings, { collections: [] });
  await eventually(() => collections.all.length === 0);
  expect(collections.isKnown).toBe(true);
  await collections.close();
  await endSettings();
});

test('settings that were never written are unknown, not empty; closing ends the wait for them', async () => {
  const endSettings = await serveSettings(bus, new TestSettings());
  const collections = await Collections.open(new Settings(bus), { libraryDir: folder.path, libraryRoots: [] });
  expect(collections.isKnown).toBe(false);
  const [known] = await Promise.allSettled([collections.known(), collections.close()]);
  expect(known).toMatchObject({
    status: 'rejected',
    reason: { message: expect.stringContaining('settings') as string },
  });
  await endSettings();
});
