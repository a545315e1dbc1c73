// Real: SQLite on disk, damaged file by file, also while it is open. Stands in: the error of a full disk.
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { closeSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type TempFolder, eventually, tempFolder } from '@allibrary/testing';
import { Key } from 'interface-datastore';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HostDatastore } from './host-datastore.ts';

const ENTRIES = 300;
const RETRY_MS = 20;
const key = (name: string | number) => new Key(`/peers/${name}`);

let temp: TempFolder;
let folder: string;
let file: string;
let open: HostDatastore[];
let events: string[];

const log = {
  damaged: (reason: string) => void events.push(`damaged: ${reason}`),
  unwritable: (reason: string) => void events.push(`unwritable: ${reason}`),
  writableAgain: () => void events.push('writable again'),
};

beforeEach(async () => {
  temp = await tempFolder();
  folder = join(temp.path, 'p2p-node');
  file = join(folder, 'peers.sqlite');
  [open, events] = [[], []];
});
afterEach(async () => {
  for (const store of open) store.afterStop();
  await temp.remove();
});

function openStore(mostEntries?: number): HostDatastore {
  const store = HostDatastore.open(file, log, RETRY_MS, mostEntries);
  open.push(store);
  return store;
}

async function fill(): Promise<HostDatastore> {
  const store = openStore();
  for (let n = 0; n < ENTRIES; n++) await store.put(key(n), randomBytes(300));
  return store;
}

async function count(store: HostDatastore): Promise<number> {
  let found = 0;
  for await (const { value } of store.query({ prefix: '/peers' })) if (value.length === 300) found += 1;
  return found;
}

test('what was put is there in the next run, and nothing is reported', async () => {
  (await fill()).afterStop();
  const store = openStore();
  expect(await count(store)).toBe(ENTRIES);
  await store.delete(key(0));
  expect([await store.has(key(0)), await store.has(key(1))]).toEqual([false, true]);
  await expect(store.get(key(0))).rejects.toMatchObject({ name: 'NotFoundError' });
  for await (const { key: other } of store.query({ prefix: '/others' })) expect.fail(`${other.toString()} is no other`);
  expect(events).toEqual([]);
});

function overwrite(path: string, bytes: Uint8Array, at: number): void {
  const descriptor = openSync(path, 'r+');
  writeSync(descriptor, bytes, 0, bytes.length, at);
  closeSync(descriptor);
}

const DAMAGES: [string, (path: string) => unknown][] = [
  ['deleted', (path) => rmSync(path)],
  ['emptied', (path) => truncateSync(path)],
  ['cut in half', (path) => truncateSync(path, statSync(path).size >> 1)],
  ['filled with garbage', (path) => writeFileSync(path, randomBytes(statSync(path).size + 20))],
  ['changed in its middle', (path) => overwrite(path, randomBytes(5_000), statSync(path).size >> 1)],
];

test.each(DAMAGES)(
  'a store of which any file is %s, after a kill, opens and keeps what comes',
  async (_name, damage) => {
    const killed = await fill();
    const copy = join(temp.path, 'copy');
    mkdirSync(copy);
    for (const name of readdirSync(folder)) copyFileSync(join(folder, name), join(copy, name)); // as a kill leaves them
    killed.afterStop();
    for (const name of readdirSync(copy)) {
      for (const old of readdirSync(folder)) rmSync(join(folder, old));
      for (const each of readdirSync(copy)) copyFileSync(join(copy, each), join(folder, each));
      damage(join(folder, name));
      const store = openStore();
      await store.put(key('new'), randomBytes(300));
      await count(store); // reads all
      store.afterStop();
      const again = openStore();
      expect(await again.has(key('new')), name).toBe(true);
      again.afterStop();
    }
  },
);

test('a store that had to be replaced is reported', async () => {
  (await fill()).afterStop();
  writeFileSync(file, 'nonsense');
  expect(await count(openStore())).toBe(0);
  expect(events).toEqual(['damaged: it could not be read']);
});

test('an entry whose bytes have changed is lost alone, and reported', async () => {
  const store = await fill();
  const value = Buffer.from(await store.get(key(7)));
  store.afterStop();
  const at = readFileSync(file).indexOf(value);
  overwrite(file, Uint8Array.of((value[9] ?? 0) ^ 1), at + 9);
  const again = openStore();
  expect(await count(again)).toBe(ENTRIES - 1);
  expect(await again.has(key(7))).toBe(false);
  expect(events).toEqual(['damaged: the checksum of /peers/7 is wrong']);
});

test('damage that is found while it runs replaces the store at once', async () => {
  (await fill()).afterStop();
  const store = openStore();
  const size = statSync(file).size;
  overwrite(file, randomBytes(size - 4_096), 4_096);
  store['model'].db.exec('PRAGMA shrink_memory'); // SQLite has all of so small a file in its cache
  await count(store);
  await eventually(() => events.some((event) => event.startsWith('damaged')));
  await store.put(key('new'), randomBytes(300));
  await eventually(async () => (await count(store)) === 1);
  store.afterStop();
  expect(await count(openStore())).toBe(1);
});

test('a store that is open elsewhere is left alone', { timeout: 20_000 }, async () => {
  const store = await fill();
  expect(() => HostDatastore.open(file, log)).toThrow('another p2p-node runs on this data folder');
  expect(await count(store)).toBe(ENTRIES);
});

test('while it cannot be written it goes on in memory, and writes all when it can', async () => {
  const store = await fill();
  const full = vi.spyOn(Object.getPrototypeOf(store['model'].prepare('SELECT 1')), 'run').mockImplementation(() => {
    throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
  });
  await store.put(key('new'), randomBytes(300));
  await store.delete(key(0));
  expect([await store.has(key('new')), await store.has(key(0))]).toEqual([true, false]);
  expect(await count(store)).toBe(ENTRIES);
  expect(events).toEqual(['unwritable: Error: database or disk is full']);
  full.mockRestore();
  await eventually(() => events.includes('writable again'));
  store.afterStop();
  const again = openStore();
  expect([await again.has(key('new')), await again.has(key(0)), await count(again)]).toEqual([true, false, ENTRIES]);
});

test('a flood of peers leaves so many entries, and those in use', async () => {
  const store = openStore(100);
  const kept = [key('own'), key('connected')];
  store.keysInUse = () => new Set(kept.map(String));
  for (const each of [...kept, ...Array.from({ length: 1_000 }, (_, n) => key(n))])
    await store.put(each, randomBytes(300));
  expect(await count(store)).toBeLessThan(200);
  for (const each of kept) expect(await store.has(each)).toBe(true);
});
