// Real: reading in a child, the index and the library's folder. The facts of its owner, transfer, are played.
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { LibraryDocument, Location } from '@allibrary/contracts';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { DescribedDocuments } from './described-documents.ts';
import { DocumentIndexing } from './document-indexing.ts';
import { DocumentTexts } from './document-texts.ts';
import { TextExtractor } from '../extraction/child/text-extractor.ts';
import { TEST_COLLECTION, testCollections } from '../testing/test-collections.ts';
import { TEST_LIMITS } from '../testing/test-extractor.ts';
import { type TestIndex, idOf, openFts5 } from '../testing/test-index.ts';

const OPF = '<package><metadata><dc:title>The Egrets</dc:title></metadata></package>';
const MEDIA_TYPES: Readonly<Record<string, string>> = { html: 'text/html', opf: 'application/oebps-package+xml' };

let extractor: TextExtractor;
let folder: TempFolder;
let opened: TestIndex;
let indexing: DocumentIndexing;
let documents: Map<string, LibraryDocument>;
let revision: number;
let readings: number;

beforeAll(() => {
  extractor = new TextExtractor(TEST_LIMITS);
});
afterAll(() => extractor.close());

beforeEach(async () => {
  [folder, opened, documents, revision, readings] = [await tempFolder(), await openFts5(), new Map(), 0, 0];
  const collections = { ...testCollections(folder.path), known: async () => {} };
  const catalog = {
    find: async (documentId: string) => documents.get(documentId) ?? null,
    findAt: async ({ path }: Location) =>
      [...documents.values()].find(({ locations }) => locations.some((location) => location.path === path)) ?? null,
  };
  const counting: Pick<TextExtractor, 'extract' | 'cover'> = {
    extract: (file) => {
      readings += 1;
      return extractor.extract(file);
    },
    cover: async () => null,
  };
  const texts = new DocumentTexts(collections, counting, catalog, { open: async () => null, remove: async () => {} });
  const described = new DescribedDocuments(collections, catalog);
  const log = { note: () => {}, coverNotDrawn: () => {} };
  const drawing = { expect: async () => {}, remove: async () => {} };
  const bus = { publish: async () => {} };
  const metrics = { documentIndexed: () => {} };
  indexing = new DocumentIndexing({ index: opened.index, texts, drawing, described, bus, log, metrics }, Date.now);
});
afterEach(async () => {
  await opened.close();
  await folder.remove();
});

/** Writes a file where each of the paths is. */
async function write(text: string, ...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(folder.path, path)), { recursive: true });
    await writeFile(join(folder.path, path), text);
  }
}

/** Plays the fact that the document of a text lies at some paths now. */
async function add(text: string, ...paths: readonly string[]): Promise<string> {
  const [name = ''] = paths.map((path) => basename(path));
  const documentId = idOf(text);
  const document: LibraryDocument = {
    ...{ documentId, name, sizeBytes: text.length, sha256: null, isPublic: true, addedAtMs: 1 },
    mediaType: MEDIA_TYPES[name.replace(/.*\./u, '')] ?? 'text/plain',
    locations: paths.map((path) => ({ collection: TEST_COLLECTION, path })),
  };
  documents.set(documentId, document);
  await indexing.add(document, (revision += 1));
  return documentId;
}

async function share(text: string, ...paths: readonly string[]): Promise<string> {
  await write(text, ...paths);
  return add(text, ...paths);
}

async function move(from: string, to: string): Promise<void> {
  await mkdir(dirname(join(folder.path, to)), { recursive: true });
  await rename(join(folder.path, from), join(folder.path, to));
}

const titleOf = async (documentId: string) => (await opened.index.report(documentId))?.metadata.title;

test('a document is found by the names of all of its files, and by none that it has lost', async () => {
  await share('a bird', 'heron.txt');
  await share('a bird', 'copy/Reiher.txt', 'heron.txt');
  expect(await opened.namesFor('heron bird')).toEqual(['Reiher.txt']);
  expect(await opened.namesFor('reiher bird')).toEqual(['Reiher.txt']);
  await add('a bird', 'heron.txt');
  expect(await opened.namesFor('heron bird')).toEqual(['heron.txt']);
  expect(await opened.namesFor('reiher')).toEqual([]);
});

test('a document that became private is hidden from peers although it cannot be read now', async () => {
  const documentId = await share('a bird', 'heron.txt');
  expect(await opened.namesFor('bird', { scope: 'public' })).toEqual(['heron.txt']);
  const locations = [{ collection: TEST_COLLECTION, path: 'egret.txt' }];
  const document = { ...(documents.get(documentId) as LibraryDocument), name: 'egret.txt', isPublic: false, locations };
  documents.set(documentId, document);
  await expect(indexing.add(document, (revision += 1))).rejects.toThrow('is where it should be');
  expect(await opened.namesFor('bird', { scope: 'public' })).toEqual([]);
  expect(await opened.namesFor('bird')).toEqual(['heron.txt']);
});

test('a text is read anew as what its new name says', async () => {
  const page = '<title>Quay prices</title><p>her<b>ring</b></p>';
  const documentId = await share(page, 'prices.txt');
  await move('prices.txt', 'prices.html');
  await add(page, 'prices.html');
  expect(await opened.namesFor('herring')).toEqual(['prices.html']);
  expect(await opened.index.report(documentId)).toMatchObject({
    mediaType: 'text/html',
    metadata: { title: 'Quay prices' },
  });
});

test('a document that moves beside a sidecar, or gets a file there, is described by it until it leaves', async () => {
  await share(OPF, 'book/metadata.opf');
  const [moved, copied] = [await share('a flock', 'sheep.txt'), await share('a herd', 'goat.txt')];
  await move('sheep.txt', 'book/sheep.txt');
  await add('a flock', 'book/sheep.txt');
  await share('a herd', 'goat.txt', 'book/goat.txt');
  expect([await titleOf(moved), await titleOf(copied)]).toEqual(['The Egrets', 'The Egrets']);
  await move('book/sheep.txt', 'other/sheep.txt');
  await add('a flock', 'other/sheep.txt');
  await rm(join(folder.path, 'book/goat.txt'));
  await add('a herd', 'goat.txt');
  expect([await titleOf(moved), await titleOf(copied)]).toEqual([null, null]);
});

test('a sidecar describes what lies where it has moved to, and no longer what it has left', async () => {
  const [left, reached] = [await share('a flock', 'old/sheep.txt'), await share('a herd', 'new/goat.txt')];
  const sidecar = await share(OPF, 'old/metadata.opf');
  expect([await titleOf(left), await titleOf(reached)]).toEqual(['The Egrets', null]);
  await move('old/metadata.opf', 'new/metadata.opf');
  await add(OPF, 'new/metadata.opf');
  expect([await titleOf(left), await titleOf(reached)]).toEqual([null, 'The Egrets']);
  await rm(join(folder.path, 'new/metadata.opf'));
  documents.delete(sidecar);
  await indexing.remove(sidecar, (revision += 1));
  expect([await titleOf(left), await titleOf(reached)]).toEqual([null, null]);
});

test('a folder that moves with its sidecar is not read again, whichever fact comes first', async () => {
  await share(OPF, 'old/metadata.opf');
  const [one, other] = [await share('a flock', 'old/sheep.txt'), await share('a herd', 'old/goat.txt')];
  await move('old', 'new');
  readings = 0;
  await add('a flock', 'new/sheep.txt');
  await add(OPF, 'new/metadata.opf');
  await add('a herd', 'new/goat.txt');
  expect([await titleOf(one), await titleOf(other), readings]).toEqual(['The Egrets', 'The Egrets', 0]);
});
