// Real: SQLite in files of a temporary folder.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ReadModel, openReadModel } from './read-model.ts';
import { isDamage } from './sqlite-file.ts';

let folder: Awaited<ReturnType<typeof tempFolder>>;
let model: ReadModel | undefined;
beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(async () => {
  model?.close();
  await folder.remove();
});

function open(version = 1): ReadModel {
  model?.close();
  const file = join(folder.path, 'below', 'model.sqlite');
  model = openReadModel({ file, version, schema: 'CREATE TABLE thing (name TEXT PRIMARY KEY)' });
  return model;
}

const add = (to: ReadModel, name: string): void => {
  to.db.prepare('INSERT INTO thing VALUES (?)').run(name);
};
const things = ({ db }: ReadModel): unknown[] =>
  db
    .prepare('SELECT name FROM thing')
    .all()
    .map(({ name }) => name);

test('what was stored is there at the next opening, in the same generation', () => {
  const { generation } = open();
  add(open(), 'kept');
  expect(things(open())).toEqual(['kept']);
  expect(open().generation).toBe(generation);
});

test('another version starts empty, as another generation', () => {
  const before = open();
  add(before, 'old');
  const after = open(2);
  expect(things(after)).toEqual([]);
  expect(after.generation).not.toBe(before.generation);
});

test('a file that is no database is replaced by an empty one', () => {
  open().close();
  writeFileSync(
    join(folder.path, 'below', 'model.sqlite'),
    'this is not SQLite, and long enough to be looked at'.repeat(100),
  );
  expect(things(open())).toEqual([]);
});

test('a file with a damaged page is replaced by an empty one, whichever page it is', () => {
  const first = open();
  first.transaction(() => {
    for (let number = 0; number < 5_000; number++) add(first, `a longer name of thing number ${number}`);
  });
  first.close();
  const file = join(folder.path, 'below', 'model.sqlite');
  const bytes = readFileSync(file);
  bytes.fill(0xa5, 20 * 4_096, 21 * 4_096);
  writeFileSync(file, bytes);
  const after = open();
  expect(things(after)).toEqual([]);
  expect(after.generation).not.toBe(first.generation);
});

test('a discarded read model starts empty at the next opening, and only then', () => {
  const first = open();
  add(first, 'damaged');
  first.discard();
  expect(things(first)).toEqual(['damaged']);
  const after = open();
  expect(things(after)).toEqual([]);
  add(after, 'kept');
  expect(things(open())).toEqual(['kept']);
});

test('damage found in use is distinguished from any other failure', () => {
  const opened = open();
  for (let number = 0; number < 2_000; number++) add(opened, `a longer name of thing number ${number}`);
  opened.close();
  const file = join(folder.path, 'below', 'model.sqlite');
  const bytes = readFileSync(file);
  bytes.fill(0xa5, 2 * 4_096, 20 * 4_096);
  writeFileSync(file, bytes);
  const unchecked = openReadModel({ file, version: 1, schema: '', isVerified: true });
  expect(failureOf(() => things(unchecked))).toSatisfy(isDamage);
  expect(failureOf(() => unchecked.prepare('SELECT nothing'))).not.toSatisfy(isDamage);
  unchecked.close();
});

function failureOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

test('a transaction that fails leaves nothing', () => {
  const opened = open();
  const fail = () =>
    opened.transaction(() => {
      add(opened, 'half');
      throw new Error('midway');
    });
  expect(fail).toThrow('midway');
  expect(things(opened)).toEqual([]);
});
