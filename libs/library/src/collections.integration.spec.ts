// Real: nats-server and the settings in it, a temp folder.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CollectionsSettings } from '@allibrary/contracts';
import { Bus, Settings } from '@allibrary/messaging';
import { type TempFolder, type TestNats, eventually, startNats, tempFolder } from '@allibrary/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OutsideLibrary } from './opened-folder.ts';
import { Collections } from './collections.ts';

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

test('without a choice there is one collection; a choice is taken in while the service runs', async () => {
  const store = await Settings.open(bus);
  const collections = await Collections.open(store, { libraryDir: folder.path, libraryRoots: [] });
  expect(collections.all.map(({ collection }) => collection)).toMatchObject([
    { id: 'library', folder: folder.path, visibility: 'public', writable: true, takesDownloads: true },
  ]);
  expect((await collections.stat({ collection: 'library', path: 'maps/paris.png' }))?.size).toBe(3);

  let changes = 0;
  collections.onChange(() => (changes += 1));
  const maps = { id: 'maps', name: 'Maps', folder: join(folder.path, 'maps'), writable: false };
  await store.write(CollectionsSettings, { collections: [maps] });
  await eventually(() => changes > 0 && collections.find('maps') !== undefined);
  expect(collections.forDownloads).toBeUndefined();
  expect((await collections.stat({ collection: 'maps', path: 'paris.png' }))?.size).toBe(3);
  expect(await collections.stat({ collection: 'library', path: 'maps/paris.png' })).toBeUndefined();
  await expect(collections.openFile({ collection: 'library', path: 'maps/paris.png' })).rejects.toThrow(OutsideLibrary);
  await collections.close();
});
