// Real: the durable store and the files of a data folder. Stands in: the bus of an older version, by a plain object.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CollectionsSettings } from '@allibrary/contracts';
import type { DurableStore } from '@allibrary/platform';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDesiredState } from './desired-state.ts';
import { openSettings } from './open-settings.ts';
import type { SettingsStore } from './settings-store.ts';

const LIBRARY = '/srv/library';
const letters = { id: 'letters', name: 'Letters', folder: '/srv/library/letters', visibility: 'private' };

let folder: TempFolder;
let durable: DurableStore | undefined;
let errors: string[];
/** What an older version left on the bus; null when none ever ran here. */
let legacy: Record<string, unknown> | null;

beforeEach(async () => {
  folder = await tempFolder();
  errors = [];
  legacy = null;
});
afterEach(async () => {
  durable?.close();
  await folder.remove();
});

const inTransfer = (name: string) => join(folder.path, 'transfer', name);
function markAsNew(): void {
  mkdirSync(inTransfer(''), { recursive: true });
  writeFileSync(inTransfer('new-node'), '');
}
async function start(): Promise<SettingsStore> {
  durable?.close();
  durable = openDesiredState(folder.path);
  const places = { dataDir: folder.path, libraryDir: LIBRARY, libraryRoots: [] };
  const bus = {
    read: async () => legacy,
    remove: async () => {
      legacy = null;
    },
  };
  const logger = { error: (_fields: unknown, message?: string) => errors.push(String(message)) };
  return openSettings(durable, places, bus, logger as never);
}
const collectionsOf = async (settings: SettingsStore) =>
  ((await settings.read(CollectionsSettings.name)).value as { collections: unknown[] }).collections;

test('a new node shares its library folder, as a setting that can be changed', async () => {
  markAsNew();
  const settings = await start();
  expect(await collectionsOf(settings)).toMatchObject([{ id: 'library', folder: LIBRARY, visibility: 'public' }]);
  expect(existsSync(inTransfer('new-node'))).toBe(false);
  await settings.write(CollectionsSettings.name, { collections: [] });
  const after = await start();
  expect(await collectionsOf(after)).toEqual([]);
  expect(after.areCollectionsKnown).toBe(true);
  expect(errors).toEqual([]);
});

test('a node that was killed before its first settings were stored is still new', async () => {
  markAsNew();
  openDesiredState(folder.path).close();
  expect(await collectionsOf(await start())).toHaveLength(1);
});

test('a folder that is not marked as new shares nothing, and says what to do', async () => {
  const settings = await start();
  expect(settings.areCollectionsKnown).toBe(false);
  expect(errors).toEqual([expect.stringContaining('nothing is shared')]);
});

test('a node that lost its settings shares nothing, also at later starts, until its owner chooses', async () => {
  markAsNew();
  await (await start()).write(CollectionsSettings.name, { collections: [letters] });
  durable?.close();
  durable = undefined;
  rmSync(inTransfer(''), { recursive: true });
  for (let times = 0; times < 2; times++) expect((await start()).areCollectionsKnown).toBe(false);
  await (await start()).write(CollectionsSettings.name, { collections: [letters] });
  expect(await collectionsOf(await start())).toMatchObject([letters]);
});

test('what an older version kept on the bus is taken over once', async () => {
  legacy = { collections: { collections: [letters] }, limits: { activeDownloads: 2 } };
  expect(await collectionsOf(await start())).toMatchObject([letters]);
  expect(legacy).toBeNull();
  legacy = { collections: { collections: [] } }; // an older copy of the bus came back
  expect(await collectionsOf(await start())).toMatchObject([letters]);
});

test('an older node whose owner had chosen nothing goes on sharing its library folder; one that chose none, none', async () => {
  legacy = { limits: { activeDownloads: 2 } };
  expect(await collectionsOf(await start())).toMatchObject([{ id: 'library', folder: LIBRARY }]);
  durable?.close();
  rmSync(inTransfer(''), { recursive: true });
  legacy = { collections: { collections: [] } };
  const settings = await start();
  expect(settings.areCollectionsKnown).toBe(true);
  expect(await collectionsOf(settings)).toEqual([]);
});
