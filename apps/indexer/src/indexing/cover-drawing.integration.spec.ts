// Real: the embedded index and the covers' folder. The catalog and the reader are played.
import { once } from 'node:events';
import type { LibraryDocument } from '@allibrary/contracts';
import { type TempFolder, eventually, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TestIndex, documentOf, openFts5 } from '../testing/test-index.ts';
import { CoverDrawing, type CoverDrawingParts } from './cover-drawing.ts';
import { Covers } from './covers.ts';

const INDEXED = documentOf('heron.pdf', 'the grey heron', { mediaType: 'application/pdf' });
const { documentId, mediaType } = INDEXED;
const DOCUMENT: LibraryDocument = {
  ...{ documentId, mediaType, name: 'heron.pdf', sizeBytes: 14, sha256: null, isPublic: true, addedAtMs: 1 },
  locations: [{ collection: 'library', path: 'heron.pdf' }],
};
const COVER = Buffer.from('a cover');

let folder: TempFolder;
let opened: TestIndex;
let covers: Covers;
let failures: unknown[];
let stopping: AbortController;
let running: Promise<void>;
beforeEach(async () => {
  [folder, opened] = [await tempFolder(), await openFts5()];
  [covers, failures, stopping, running] = [new Covers(folder.path), [], new AbortController(), Promise.resolve()];
  await opened.index.upsert(INDEXED, 1);
});
afterEach(async () => {
  stopping.abort();
  await running;
  await opened.close();
  await folder.remove();
});

function start(change: Partial<CoverDrawingParts> = {}): CoverDrawing {
  const drawing = new CoverDrawing({
    ...{ index: opened.index, covers },
    texts: { cover: async () => COVER },
    catalog: { find: async () => DOCUMENT },
    log: { coverNotDrawn: (_id, _type, error) => void failures.push(error) },
    untilTextsAreRead: async () => {},
    ...change,
  });
  running = drawing.repeat(stopping.signal);
  return drawing;
}

test('a cover is drawn after its document was indexed', async () => {
  await start().expect(documentId, mediaType);
  await eventually(async () => (await covers.expected()).length === 0);
  expect(await covers.find(documentId)).toEqual(COVER);
});

test('a document of a type without covers is not opened', async () => {
  await start().expect(documentId, 'text/plain');
  expect(await covers.expected()).toEqual([]);
});

test('a cover that somebody asks for is drawn while texts are read', async () => {
  const untilTextsAreRead = async (): Promise<void> => void (await once(stopping.signal, 'abort'));
  const drawing = start({ untilTextsAreRead });
  await drawing.expect(documentId, mediaType);
  await drawing.drawNow(documentId);
  expect(await covers.find(documentId)).toEqual(COVER);
});

test('a failure of the index is logged, and the cover stays expected', async () => {
  const report = () => Promise.reject(new Error('the index is busy'));
  await start({ index: { find: (id) => opened.index.find(id), report } }).expect(documentId, mediaType);
  await eventually(() => failures.length === 1);
  expect(await covers.expected()).toEqual([documentId]);
});
