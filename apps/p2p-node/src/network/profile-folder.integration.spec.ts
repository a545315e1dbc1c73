// Real: files on disk, SQLite. A killed process is played by stopping after each rename.
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Announcements, openAnnouncementsReadModel } from '../dht/announcing/announcements.ts';
import { documentNamed } from '../testing/dht.ts';
import { openProfileFolder } from './profile-folder.ts';

const { documentId } = documentNamed('a');
let folder: TempFolder;
let root: string;
let direct: string;

beforeEach(async () => {
  folder = await tempFolder();
  root = join(folder.path, 'p2p-node');
  direct = join(root, 'direct');
  mkdirSync(root);
});
afterEach(() => folder.remove());

/** The files as a process leaves them that was killed: the latest rows are still in the log. */
function writeEarlierFiles(): void {
  const scratch = join(folder.path, 'scratch');
  const model = openAnnouncementsReadModel(join(scratch, 'announcements.sqlite'));
  new Announcements(model).record(documentId, true, 1);
  for (const name of readdirSync(scratch)) copyFileSync(join(scratch, name), join(root, name));
  model.close();
  for (const name of ['identity.key', 'known-peers.json', 'peers.sqlite', 'peers.sqlite.discard'])
    writeFileSync(join(root, name), name);
}

function isShared(): boolean {
  const model = openAnnouncementsReadModel(join(direct, 'announcements.sqlite'));
  try {
    return new Announcements(model).isShared(documentId);
  } finally {
    model.close();
  }
}

test('files of earlier versions move into the profile, with what is still in the log, and the key stays', () => {
  writeEarlierFiles();
  expect(readdirSync(root)).toContain('announcements.sqlite-wal');
  openProfileFolder(direct);
  openProfileFolder(direct);
  expect(readdirSync(root).toSorted()).toEqual(['direct', 'identity.key']);
  expect(readdirSync(direct)).toEqual(
    expect.arrayContaining(['known-peers.json', 'peers.sqlite', 'peers.sqlite.discard']),
  );
  expect(isShared()).toBe(true);
});

test.each([['-wal'], ['-wal', '-shm'], ['-wal', '-shm', '']])(
  'a process that was killed after it had moved %j goes on at its next start',
  (...moved) => {
    writeEarlierFiles();
    mkdirSync(direct);
    for (const suffix of moved)
      renameSync(join(root, `announcements.sqlite${suffix}`), join(direct, `announcements.sqlite${suffix}`));
    openProfileFolder(direct);
    expect(isShared()).toBe(true);
    expect(readdirSync(root).toSorted()).toEqual(['direct', 'identity.key']);
  },
);

test('a new node has an empty folder, and files of a downgrade do not replace those of the profile', () => {
  openProfileFolder(direct);
  expect(readdirSync(direct)).toEqual([]);
  writeFileSync(join(direct, 'known-peers.json'), 'new');
  writeEarlierFiles();
  openProfileFolder(direct);
  expect(existsSync(join(root, 'known-peers.json'))).toBe(false);
  expect(isShared()).toBe(true);
});

test('the LevelDB folder of an older version is removed', () => {
  mkdirSync(join(root, 'datastore'));
  openProfileFolder(direct);
  expect(existsSync(join(root, 'datastore'))).toBe(false);
});
