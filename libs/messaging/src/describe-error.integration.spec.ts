// Real: the errors of the file system, of sockets, of SQLite and of fetch.
import { renameSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { describeError } from './describe-error.ts';

async function errorOf(work: () => unknown): Promise<unknown> {
  try {
    await work();
    return 'it succeeded';
  } catch (error) {
    return error;
  }
}

test('a path is named once, with what is wrong with it', async () => {
  const error = await errorOf(() => renameSync('/nowhere/data/a', '/nowhere/data/b'));
  expect(describeError(error)).toBe('no such file or folder: /nowhere/data/a (ENOENT)');
});

test('several failures are described by their reasons, each once', async () => {
  const dial = async (port: number) => once(connect(port, '127.0.0.1'), 'connect');
  const error = await errorOf(() => Promise.any([dial(1), dial(1), dial(2)]));
  expect(describeError(error)).toBe(
    'nothing listens there: 127.0.0.1 port 1 (ECONNREFUSED); nothing listens there: 127.0.0.1 port 2 (ECONNREFUSED)',
  );
});

test('a failed fetch is described by its cause', async () => {
  const error = await errorOf(() => fetch('http://127.0.0.1:2/'));
  expect(describeError(error)).toBe('nothing listens there: 127.0.0.1 port 2 (ECONNREFUSED)');
});

test('an SQLite error is described by its result code', async () => {
  const error = await errorOf(() => new DatabaseSync('/nowhere/catalog.sqlite'));
  expect(describeError(error)).toMatch(/^the database cannot be opened \(.+\)$/);
});

test.each([
  [new Error('the peer\n has   gone'), 'the peer has gone'],
  [new TypeError(), 'TypeError'],
  ['thrown text', 'thrown text'],
  [new AggregateError([], 'nothing to try'), 'nothing to try'],
])('%s stays as it is', (error, expected) => {
  expect(describeError(error)).toBe(expected);
});
