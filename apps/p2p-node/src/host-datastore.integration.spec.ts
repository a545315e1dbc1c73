// Real: LevelDB on disk, damaged file by file; a store that another process has open. The full disk is a folder in its way.
import { randomBytes } from 'node:crypto';
import { mkdir, open as openFile, readFile, readdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TempFolder, eventually, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HostDatastore } from './host-datastore.ts';

type Key = Parameters<HostDatastore['get']>[0];

const ENTRIES = 300;
const RETRY_MS = 20;
const key = (name: string | number) => ({ toString: () => `/peers/${name}` }) as Key;

let temp: TempFolder;
let folder: string;
let open: HostDatastore[];
let events: string[];

const log = {
  damaged: (reason: string) => void events.push(`damaged: ${reason}`),
  unwritable: (reason: string) => void events.push(`unwritable: ${reason}`),
  writableAgain: () => void events.push('writable again'),
};

beforeEach(async () => {
  temp = await tempFolder();
  folder = join(temp.path, 'p2p-node', 'datastore');
  [open, events] = [[], []];
});
afterEach(async () => {
  for (const store of open) await store.close();
  await temp.remove();
});

async function openStore(): Promise<HostDatastore> {
  const store = await HostDatastore.openIn(folder, log, RETRY_MS);
  open.push(store);
  return store;
}

/** Fills a store, so that some of it lies in tables and some in the log. */
async function fill(): Promise<void> {
  for (let run = 0; run < 2; run++) {
    const store = await openStore();
    for (let n = run * ENTRIES; n < (run + 1) * ENTRIES; n++) await store.put(key(n), randomBytes(300));
    await store.close();
  }
}

async function count(store: HostDatastore): Promise<number> {
  let found = 0;
  for await (const { value } of store.query({ prefix: '/peers' })) if (value.length === 300) found += 1;
  return found;
}

const keepsANewEntry = async () => {
  const store = await openStore();
  await store.put(key('new'), randomBytes(300));
  await store.close();
  const again = await openStore();
  expect((await again.get(key('new'))).length).toBe(300);
  return count(again);
};

test('what was put is there in the next run, and nothing is reported', async () => {
  await fill();
  const store = await openStore();
  expect(await count(store)).toBe(2 * ENTRIES);
  await store.delete(key(0));
  expect([await store.has(key(0)), await store.has(key(1))]).toEqual([false, true]);
  await expect(store.get(key(0))).rejects.toMatchObject({ name: 'NotFoundError' });
  expect(events).toEqual([]);
});

const DAMAGES: [string, (file: string) => Promise<unknown>][] = [
  ['deleted', (file) => rm(file)],
  ['emptied', (file) => truncate(file)],
  ['cut in half', async (file) => truncate(file, Math.floor((await stat(file)).size / 2))],
  ['filled with garbage', async (file) => writeFile(file, randomBytes((await stat(file)).size + 20))],
  [
    'changed in its middle',
    async (file) => {
      const bytes = await readFile(file);
      randomBytes(64).copy(bytes, bytes.length >> 1);
      await writeFile(file, bytes);
    },
  ],
  [
    'replaced by a folder',
    async (file) => {
      await rm(file);
      await mkdir(file);
    },
  ],
];

test.each(DAMAGES)('a store of which any file is %s opens, and keeps what comes', async (_name, damage) => {
  await fill();
  for (const name of await readdir(folder)) {
    await rm(folder, { recursive: true });
    await fill();
    const target = (await readdir(folder)).find((each) => kindOfFile(each) === kindOfFile(name));
    if (!target) continue;
    events = [];
    await damage(join(folder, target));
    const left = await keepsANewEntry();
    if (left < 2 * ENTRIES && /ldb|CURRENT|MANIFEST/.test(name)) expect(events, name).toHaveLength(1);
    for (const store of open.splice(0)) await store.close();
  }
});

const kindOfFile = (name: string) => name.replace(/\d/g, '');

test('a file where the folder should be is replaced, and the store of an older version too', async () => {
  await mkdir(join(temp.path, 'p2p-node'));
  await writeFile(folder, 'nonsense');
  expect(await keepsANewEntry()).toBe(1);
  expect(events).toHaveLength(1);
});

test('an entry whose bytes have changed is lost alone', async () => {
  await fill();
  const store = await openStore();
  await store.db.put('/peers/7', randomBytes(304));
  expect(await store.has(key(7))).toBe(false);
  expect(await count(store)).toBe(2 * ENTRIES - 1);
  await store.close();
  const again = await openStore();
  expect(events).toEqual(['damaged: 1 entries are damaged']);
  expect(await count(again)).toBe(2 * ENTRIES - 1);
});

test('damage that is found while it runs counts as missing, and the next start replaces the store', async () => {
  await fill();
  const store = await openStore();
  // Written over, not cut off: LevelDB maps its tables into memory, and a mapped file that is cut off ends the process.
  for (const name of await readdir(folder)) if (name.endsWith('.ldb')) await overwrite(join(folder, name));
  await count(store);
  await store.put(key('new'), randomBytes(300));
  expect((await store.get(key('new'))).length).toBe(300);
  await store.close();
  await openStore();
  expect(events.length).toBeGreaterThan(0);
});

async function overwrite(file: string): Promise<void> {
  const handle = await openFile(file, 'r+');
  await handle.write(randomBytes((await handle.stat()).size), 0);
  await handle.close();
}

test('a store that is open elsewhere is left alone', async () => {
  await fill();
  const store = await openStore();
  await expect(HostDatastore.openIn(folder, log)).rejects.toThrow('another p2p-node runs on this data folder');
  expect(await count(store)).toBe(2 * ENTRIES);
});

test('what a kill left of a replacement does not stop the next one', async () => {
  await fill();
  await rename(folder, `${folder}.damaged`);
  expect(await keepsANewEntry()).toBe(1);
});

test('while it cannot be written it goes on in memory, and writes all when it can', async () => {
  await fill();
  const store = await openStore();
  await store.db.close(); // as after a failed write that LevelDB does not get over
  await mkdir(`${folder}.probe`); // no file can be written
  await store.put(key('new'), randomBytes(300));
  await store.delete(key(0));
  expect([await store.has(key('new')), await store.has(key(0))]).toEqual([true, false]);
  expect(events).toEqual(['unwritable: LEVEL_DATABASE_NOT_OPEN']);
  await rm(`${folder}.probe`, { recursive: true });
  await eventually(() => events.includes('writable again'));
  await store.close();
  expect(await count(await openStore())).toBe(2 * ENTRIES);
});
