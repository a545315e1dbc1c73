import { expect, test } from 'vitest';
import { type RootCase, type SeenRoot, type WatcherReport, judgeRoot } from './judge-root.ts';

const disk: SeenRoot = { identity: '50:2', mountPoint: '/mnt/books' };
const remounted: SeenRoot = { ...disk, identity: '51:2' };
const below: SeenRoot = { identity: '1:700', mountPoint: '/' };
const watching = (folderIdentity: string | null): WatcherReport => ({
  state: 'watching',
  evidence: null,
  remedy: null,
  folderIdentity,
});
const frozen: WatcherReport = {
  ...watching('50:2'),
  state: 'frozen',
  evidence: '9 of 9 files vanished',
  remedy: 'Mount it',
};

test.each<[string, RootCase, SeenRoot]>([
  ['first seen, with no word of the watcher', { seen: disk, known: undefined, report: undefined }, disk],
  ['as it was, with no word of the watcher', { seen: disk, known: disk, report: undefined }, disk],
  [
    'under another device number, in which the watcher found its files',
    { seen: remounted, known: disk, report: watching('51:2') },
    remounted,
  ],
  [
    'moved to a disk of its own, in which the watcher found its files',
    { seen: disk, known: below, report: watching('50:2') },
    disk,
  ],
])('a folder is well: %s', (_case, seen, root) => {
  expect(judgeRoot(seen)).toEqual({ kind: 'well', root });
});

test.each<[string, RootCase, string]>([
  [
    'that cannot be opened',
    { seen: 'the folder /mnt/books is missing', known: disk, report: watching('50:2') },
    'is missing. Mount',
  ],
  ['that the watcher found frozen', { seen: disk, known: disk, report: frozen }, '9 of 9 files vanished. Mount it'],
  ['whose disk is not mounted', { seen: below, known: disk, report: undefined }, 'mount the disk of /mnt/books'],
  [
    'whose disk is not mounted, though the watcher misses nothing',
    { seen: below, known: disk, report: watching('1:700') },
    'mount the disk of /mnt/books',
  ],
  [
    'under another device number that the watcher has not seen',
    { seen: remounted, known: disk, report: watching('50:2') },
    'looked through first',
  ],
  [
    'under another device number, with no word of the watcher',
    { seen: remounted, known: disk, report: undefined },
    'looked through first',
  ],
])('a folder is withheld: one %s', (_case, seen, reason) => {
  expect(judgeRoot(seen)).toEqual({ kind: 'withheld', reason: expect.stringContaining(reason) });
});
