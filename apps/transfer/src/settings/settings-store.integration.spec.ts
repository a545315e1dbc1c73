// Real: the durable store and the readable copy, in a temporary folder.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CollectionsSettings, LimitsSettings } from '@allibrary/contracts';
import type { DurableStore } from '@allibrary/platform';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDesiredState } from './desired-state.ts';
import { SettingsCheck } from './settings-check.ts';
import { SettingsStore } from './settings-store.ts';

const { name: COLLECTIONS } = CollectionsSettings;
const { name: LIMITS } = LimitsSettings;
const letters = { id: 'letters', name: 'Letters', folder: '/srv/library/letters', visibility: 'private' };

let folder: TempFolder;
let durable: DurableStore;
beforeEach(async () => {
  folder = await tempFolder();
  durable = openDesiredState(folder.path);
});
afterEach(async () => {
  durable.close();
  await folder.remove();
});

const databaseFile = () => join(folder.path, 'transfer', 'desired-state.sqlite');
const copyFile = () => join(folder.path, 'transfer', 'settings.json');
const check = new SettingsCheck({ libraryDir: '/srv/library', libraryRoots: ['/mnt/nas'] });
const open = () => new SettingsStore({ store: durable, copyFile: copyFile(), check });
/** Stops, lets something happen to the files, and starts again. */
function restart(between: () => void = () => {}): SettingsStore {
  durable.close();
  between();
  durable = openDesiredState(folder.path);
  return open();
}
const collectionsOf = async (settings: SettingsStore) => (await settings.read(COLLECTIONS)).value;

test('a write is there after a restart, with the number of the write as its revision', async () => {
  const settings = open();
  expect(settings.areCollectionsKnown).toBe(false);
  expect(await settings.read(LIMITS)).toMatchObject({ value: { activeDownloads: 4 }, revision: 0 });
  await settings.write(LIMITS, { activeDownloads: 2 });
  expect(await settings.write(COLLECTIONS, { collections: [letters] })).toMatchObject({ revision: 2 });
  const after = restart();
  expect(after.areCollectionsKnown).toBe(true);
  expect(await after.read(LIMITS)).toMatchObject({ value: { activeDownloads: 2 }, revision: 1 });
  expect(await collectionsOf(after)).toMatchObject({ collections: [letters] });
  expect(await after.problem()).toBeNull();
});

test('of two writers who saw the same revision the second one gets a conflict', async () => {
  const settings = open();
  const { revision } = await settings.write(LIMITS, {});
  await settings.write(COLLECTIONS, { collections: [] }); // another section is no conflict
  await settings.write(LIMITS, { activeDownloads: 2 }, revision);
  await expect(settings.write(LIMITS, { activeDownloads: 3 }, revision)).rejects.toMatchObject({ code: 'conflict' });
  expect(await settings.read(LIMITS)).toMatchObject({ value: { activeDownloads: 2 } });
});

test('replicas see what another one wrote', async () => {
  const [one, other] = [open(), open()];
  await one.write(LIMITS, { activeDownloads: 7 });
  expect(await other.read(LIMITS)).toMatchObject({ value: { activeDownloads: 7 } });
});

describe.each([
  ['an unknown field', LIMITS, { foo: 1 }, '"foo"'],
  ['a misspelt field', LIMITS, { activeDownload: 3 }, '"activeDownload"'],
  ['a misspelt field further in', LIMITS, { budget: { bytesPerMonht: 1 } }, 'budget: '],
  [
    'a misspelt field of a collection',
    COLLECTIONS,
    { collections: [{ ...letters, visiblity: 'private' }] },
    '"visiblity"',
  ],
  ['an unknown field of the audit', 'audit', { repairs: true }, '"repairs"'],
  ['an unknown field of the peers', 'peers', { denied: [] }, '"denied"'],
  ['an unknown field of the number of peers', 'peers', { connections: { min: 1 } }, '"min"'],
  ['an unknown field of the self-check', 'findability', { on: true }, '"on"'],
  ['no object', LIMITS, null, 'expected object'],
  ['a list', COLLECTIONS, [], 'expected object'],
  ['a wrong id', COLLECTIONS, { collections: [{ ...letters, id: 'My Letters' }] }, 'collections.0.id'],
  [
    'two collections of one id',
    COLLECTIONS,
    { collections: [letters, { ...letters, folder: '/srv/library/b' }] },
    'id of its own',
  ],
  [
    'a collection in another',
    COLLECTIONS,
    { collections: [letters, { ...letters, id: 'old', folder: `${letters.folder}/old` }] },
    'in the folder of another',
  ],
  [
    'a folder that may not be shared',
    COLLECTIONS,
    { collections: [{ ...letters, folder: '/etc' }] },
    'ALLIBRARY_LIBRARY_ROOTS',
  ],
  [
    'a way out of what may be shared',
    COLLECTIONS,
    { collections: [{ ...letters, folder: '/srv/library/../../etc' }] },
    'ALLIBRARY_LIBRARY_ROOTS',
  ],
])('%s', (_case, section, value, message) => {
  test('is refused with what to change, and changes nothing', async () => {
    const settings = open();
    await settings.write(LIMITS, { activeDownloads: 9 });
    await settings.write(COLLECTIONS, { collections: [letters] });
    const before = readFileSync(copyFile(), 'utf8');
    await expect(settings.write(section, value)).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining(message) as string,
    });
    expect(readFileSync(copyFile(), 'utf8')).toBe(before);
    expect(await settings.read(LIMITS)).toMatchObject({ value: { activeDownloads: 9 } });
    expect(await collectionsOf(settings)).toMatchObject({ collections: [letters] });
  });
});

test('a section that does not exist is not found', async () => {
  await expect(open().read('colours')).rejects.toMatchObject({ code: 'not-found' });
  await expect(open().write('colours', {})).rejects.toMatchObject({ code: 'not-found' });
});

const garbage = Buffer.from('garbage, longer than a page of SQLite '.repeat(500));
describe.each([
  ['the durable store is deleted', () => rmSync(databaseFile())],
  ['the durable store is garbage', () => writeFileSync(databaseFile(), garbage)],
  ['the durable store is empty', () => writeFileSync(databaseFile(), '')],
  ['the copy is deleted', () => rmSync(copyFile())],
  ['the copy is garbage', () => writeFileSync(copyFile(), garbage)],
  ['the copy is cut off', () => writeFileSync(copyFile(), readFileSync(copyFile()).subarray(0, 200))],
  ['a value in the copy is edited', () => edit(copyFile(), '"private"', '"public"')],
])('when %s', (_case, damage) => {
  test('the other copy counts, and both are whole again', async () => {
    await open().write(COLLECTIONS, { collections: [letters] });
    const settings = restart(damage);
    expect(await collectionsOf(settings)).toMatchObject({ collections: [letters] });
    expect(await settings.problem()).toBeNull();
    await settings.write(LIMITS, { activeDownloads: 5 });
    for (const lost of [databaseFile(), copyFile()]) {
      const again = restart(() => rmSync(lost));
      expect(await collectionsOf(again)).toMatchObject({ collections: [letters] });
      expect(await again.read(LIMITS)).toMatchObject({ value: { activeDownloads: 5 } });
    }
  });
});

test('a restored copy that is older than the durable store does not undo what was written since', async () => {
  const settings = open();
  await settings.write(COLLECTIONS, { collections: [{ ...letters, visibility: 'public' }] });
  const backup = readFileSync(copyFile());
  await settings.write(COLLECTIONS, { collections: [letters] });
  expect(await collectionsOf(restart(() => writeFileSync(copyFile(), backup)))).toMatchObject({
    collections: [letters],
  });
});

test('when both copies are lost nothing is known, the problem names the remedy, and the owner can choose again', async () => {
  await open().write(COLLECTIONS, { collections: [letters] });
  const settings = restart(() => {
    writeFileSync(databaseFile(), garbage);
    writeFileSync(copyFile(), garbage);
  });
  expect(settings.areCollectionsKnown).toBe(false);
  expect(await settings.problem()).toContain(copyFile());
  expect(existsSync(`${databaseFile()}.damaged`)).toBe(true);
  await settings.write(LIMITS, {}); // does not bring the collections back
  expect(settings.areCollectionsKnown).toBe(false);
  await settings.write(COLLECTIONS, { collections: [letters] });
  expect(await settings.problem()).toBeNull();
});

test('a copy that cannot be written is a problem that names itself, and costs no write', async () => {
  const settings = new SettingsStore({
    store: durable,
    copyFile: join(folder.path, 'nowhere', 'settings.json'),
    check,
  });
  await settings.write(COLLECTIONS, { collections: [letters] });
  expect(await collectionsOf(settings)).toMatchObject({ collections: [letters] });
  expect(await settings.problem()).toContain("can't be written");
});

test('sections of an older version are adopted as they are; one that cannot be read is a problem', async () => {
  const settings = open();
  settings.adopt({ collections: { collections: [letters] }, limits: { speed: 'fast' } });
  expect(settings.areCollectionsKnown).toBe(true);
  expect(await settings.problem()).toContain('"limits"');
});

function edit(file: string, from: string, to: string): void {
  writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
}
