// Real: SQLite in files of a temporary folder.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DurableStore, openDurableStore } from './durable-store.ts';

const FIRST = 'CREATE TABLE thing (name TEXT PRIMARY KEY)';
const SECOND = "ALTER TABLE thing ADD COLUMN colour TEXT NOT NULL DEFAULT 'grey'";
const PAGE_BYTES = 4_096;

let folder: TempFolder;
let store: DurableStore | undefined;
beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(async () => {
  store?.close();
  await folder.remove();
});

const file = (): string => join(folder.path, 'below', 'store.sqlite');
function open(...migrations: string[]): DurableStore {
  store?.close();
  store = openDurableStore({ file: file(), migrations });
  return store;
}
const add = (name: string): unknown => store?.prepare('INSERT INTO thing (name) VALUES (?)').run(name);
const things = (): unknown[] =>
  store
    ?.prepare('SELECT * FROM thing')
    .all()
    .map((row) => ({ ...row })) ?? [];

test('what was stored is there at the next opening, and every commit is fsynced', () => {
  open(FIRST);
  add('kept');
  open(FIRST);
  expect(things()).toEqual([{ name: 'kept' }]);
  expect(store?.db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
});

test('a newer schema upgrades the file in place; a file of a newer program is refused and left as it is', () => {
  open(FIRST);
  add('kept');
  open(FIRST, SECOND);
  expect(things()).toEqual([{ name: 'kept', colour: 'grey' }]);
  expect(() => open(FIRST)).toThrow('newer version');
  open(FIRST, SECOND);
  expect(things()).toHaveLength(1);
});

test.each([
  ['is no database', () => writeFileSync(file(), 'not SQLite, and long enough to be looked at '.repeat(100))],
  ['has a damaged page', () => damagePage(2)],
  ['is cut off', () => writeFileSync(file(), readFileSync(file()).subarray(0, PAGE_BYTES + 100))],
])('a file that %s is set aside, and named', (_case, damage) => {
  open(FIRST);
  store?.transaction(() => {
    for (let number = 0; number < 1_000; number++) add(`thing ${number}`);
  });
  store?.close();
  damage();
  const damagedBytes = readFileSync(file());
  open(FIRST);
  expect(things()).toEqual([]);
  expect(store?.damagedFile).toBe(`${file()}.damaged`);
  expect(readFileSync(`${file()}.damaged`).equals(damagedBytes)).toBe(true);
});

function damagePage(index: number): void {
  const bytes = readFileSync(file());
  bytes.fill(0xa5, index * PAGE_BYTES, (index + 1) * PAGE_BYTES);
  writeFileSync(file(), bytes);
}
