// Real: a folder on disk.
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { markNewNode } from './new-node.ts';

let folder: TempFolder;
let mark: string;

beforeEach(async () => {
  folder = await tempFolder();
  mark = join(folder.path, 'transfer', 'new-node');
});
afterEach(() => folder.remove());

test('a data folder that holds nothing of a node is marked as new, for its owner alone', () => {
  for (const name of ['run', 'logs', 'lost+found']) mkdirSync(join(folder.path, name));
  markNewNode(folder.path);
  expect(statSync(mark).size).toBe(0);
  expect(statSync(join(folder.path, 'transfer')).mode & 0o777).toBe(0o700);
});

test('a mark that transfer has not used yet stays', () => {
  markNewNode(folder.path);
  markNewNode(folder.path);
  expect(existsSync(mark)).toBe(true);
});

test.each(['api-key', 'nats', 'transfer', 'watcher', 'indexer', 'p2p-node'])(
  'a data folder that holds %s is that of a node which has run',
  (name) => {
    writeFileSync(join(folder.path, name), '');
    markNewNode(folder.path);
    expect(existsSync(mark)).toBe(false);
  },
);

test('a mark that was used does not come back', () => {
  markNewNode(folder.path);
  rmSync(mark);
  markNewNode(folder.path);
  expect(existsSync(mark)).toBe(false);
});
