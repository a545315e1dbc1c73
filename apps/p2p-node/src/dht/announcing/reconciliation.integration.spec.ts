// Real: SQLite on disk. The catalog is a map of the test.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type ReadModel } from '@allibrary/platform';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { CID } from 'multiformats/cid';
import * as Digest from 'multiformats/hashes/digest';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Announcements, openAnnouncementsReadModel } from './announcements.ts';
import { Reconciliation } from './reconciliation.ts';

let folder: TempFolder;
let model: ReadModel;
let announcements: Announcements;
let catalog: Map<string, { revision: number; isPublic: boolean }>;
let latest: number;
let warnings: object[];
/** What happens after a page of the catalog was read. */
let meanwhile: () => void;

beforeEach(async () => {
  folder = await tempFolder();
  model = openAnnouncementsReadModel(join(folder.path, 'announcements.sqlite'));
  announcements = new Announcements(model);
  catalog = new Map();
  latest = 0;
  warnings = [];
  meanwhile = () => {};
});
afterEach(async () => {
  model.close();
  await folder.remove();
});

const id = (name: string): string =>
  CID.createV1(0x55, Digest.create(0x12, createHash('sha256').update(name).digest())).toString();

function put(name: string, revision: number, isPublic = true): void {
  catalog.set(id(name), { revision, isPublic });
  latest = Math.max(latest, revision);
}

const compare = (): Promise<true> =>
  new Reconciliation({
    announcements,
    // One document a page, so that a comparison has to ask for more.
    revisions: async (after) => {
      const all = [...catalog].map(([documentId, document]) => ({ documentId, ...document }));
      const rest = all.filter(({ documentId }) => documentId > after);
      const [first] = rest.toSorted((one, other) => (one.documentId < other.documentId ? -1 : 1));
      const page = { items: first ? [first] : [], isLast: rest.length < 2, latest };
      meanwhile();
      return page;
    },
    logger: { info: (fields) => void warnings.push(fields as object) },
  }).compare(new AbortController().signal);

const shared = (...names: string[]) => names.filter((name) => announcements.isShared(id(name)));

test('announcements that are as the catalog are left alone', async () => {
  for (const name of ['a', 'b']) {
    put(name, 3);
    announcements.record(id(name), true, 3);
  }
  put('private', 4, false);
  await compare();
  expect(warnings).toEqual([]);
  expect(shared('a', 'b', 'private')).toEqual(['a', 'b']);
});

test('what became public is shared, what became private or went is not', async () => {
  put('new', 5);
  put('private', 6, false);
  announcements.record(id('private'), true, 2);
  announcements.record(id('gone'), true, 3);
  await compare();
  expect(warnings).toEqual([{ corrected: 3 }]);
  expect(shared('new', 'private', 'gone')).toEqual(['new']);
});

test('a document is not offered from the moment at which the catalog calls it private, before its fact comes', async () => {
  announcements.record(id('a'), true, 5);
  put('a', 5, false);
  await compare();
  expect(shared('a')).toEqual([]);
  announcements.record(id('a'), false, 6);
  expect(shared('a')).toEqual([]);
});

test('announcements that are ahead of their catalog take its word, and later facts count', async () => {
  put('private', 10, false);
  put('back', 11);
  put('same', 12);
  announcements.record(id('private'), true, 900);
  announcements.record(id('back'), false, 901);
  announcements.record(id('same'), true, 902);
  announcements.record(id('gone'), true, 903);
  await compare();
  expect(shared('private', 'back', 'same', 'gone')).toEqual(['back', 'same']);
  announcements.record(id('same'), false, 13);
  announcements.record(id('gone'), true, 14);
  expect(shared('private', 'back', 'same', 'gone')).toEqual(['back', 'gone']);
});

test('a fact that comes during the comparison wins over what it found', async () => {
  put('a', 5);
  announcements.record(id('a'), false, 4);
  meanwhile = () => void announcements.record(id('a'), false, 6);
  await compare();
  expect(shared('a')).toEqual([]);
});

test('what was announced stays announced', async () => {
  put('a', 7);
  announcements.record(id('a'), true, 900);
  const [due] = announcements.due({ nowMs: 0, aheadMs: 0, dhtPeers: 1, limit: 1 });
  announcements.announced(due ? [due] : [], { atMs: 10, dhtPeers: 1 });
  await compare();
  expect(announcements.counts()).toEqual({ announced: 1, waiting: 0 });
});
