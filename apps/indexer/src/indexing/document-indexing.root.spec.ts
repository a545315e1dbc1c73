// Real: the index in its threads and the covers, each on a small file system that is filled and freed. The reader is played.
import { join } from 'node:path';
import { isNoSpace } from '@allibrary/messaging';
import { SmallDisk, type TempFolder, eventually, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CoverDrawing } from './cover-drawing.ts';
import { Covers } from './covers.ts';
import { DocumentIndexing } from './document-indexing.ts';
import type { DocumentTexts } from './document-texts.ts';
import { NO_METADATA } from '../extraction/description/metadata.ts';
import { Fts5Threads } from '../fts5/fts5-threads.ts';

const DOCUMENT = {
  ...{ documentId: 'bafkreigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi', name: 'heron.pdf', sizeBytes: 14 },
  ...{ mediaType: 'application/pdf', sha256: '0'.repeat(64), isPublic: true, addedAtMs: 1 },
  locations: [{ collection: 'library', path: 'heron.pdf' }],
};
const SOURCE = { names: ['heron.pdf'], locations: DOCUMENT.locations, describing: DOCUMENT.locations };
const COVER = Buffer.alloc(100_000);

let folder: TempFolder;
let disks: Record<'index' | 'covers', SmallDisk>;
let index: Fts5Threads;
let covers: Covers;
beforeEach(async () => {
  folder = await tempFolder();
  const mount = (name: string) => SmallDisk.mount(join(folder.path, name), '4m');
  disks = { index: mount('index'), covers: mount('covers') };
  index = Fts5Threads.open(join(disks.index.folder, 'index.sqlite'));
  covers = new Covers(disks.covers.folder);
});
afterEach(async () => {
  await index.close();
  for (const disk of Object.values(disks)) disk.unmount();
  await folder.remove();
});

const texts: Pick<DocumentTexts, 'read' | 'cover' | 'sourceOf' | 'sidecarOf' | 'forget'> = {
  read: async () => ({
    ...{ kind: 'text', text: 'the grey heron', divisions: [], words: 3, truncated: false, path: 'heron.pdf' },
    ...{ mediaType: 'application/pdf', metadata: NO_METADATA, origins: {}, sidecarProblem: null, picturePages: [] },
    source: { ...SOURCE, sidecar: null },
  }),
  cover: async () => COVER,
  sourceOf: async () => SOURCE,
  sidecarOf: async () => null,
  forget: async () => {},
};

const catalog = { find: async () => DOCUMENT };
const log = { note: () => {}, coverNotDrawn: () => {} };
const drawing = () => new CoverDrawing({ index, texts, covers, catalog, log });

const indexing = () => {
  const described = { of: async () => [] };
  const metrics = { documentIndexed: () => {} };
  const bus = { publish: async () => {} };
  return new DocumentIndexing({ index, texts, drawing: drawing(), described, bus, log, metrics }, () => 1);
};

test('a fact that finds the disk of the index full fails for lack of space, and does its work when it comes again', async () => {
  disks.index.fill();
  const failure: unknown = await indexing()
    .add(DOCUMENT, 1)
    .then(
      () => null,
      (error: unknown) => error,
    );
  expect(isNoSpace(failure)).toBe(true);
  disks.index.makeRoom();
  await indexing().add(DOCUMENT, 1);
  expect(await index.find(DOCUMENT.documentId)).toMatchObject({ state: 'indexed', words: 3 });
});

test('a cover that finds its disk full is drawn after a restart', async () => {
  await indexing().add(DOCUMENT, 1);
  disks.covers.fill();
  const failed = Promise.withResolvers<void>();
  const coverNotDrawn = (): void => failed.resolve();
  const first = draw(new CoverDrawing({ index, texts, covers, catalog, log: { coverNotDrawn } }));
  await failed.promise;
  await first.end();
  disks.covers.makeRoom();
  const second = draw(drawing());
  await eventually(async () => (await covers.expected()).length === 0);
  await second.end();
  expect(await covers.find(DOCUMENT.documentId)).toEqual(COVER);
});

function draw(covering: CoverDrawing): { end(): Promise<void> } {
  const stopping = new AbortController();
  const running = covering.repeat(stopping.signal);
  return {
    end: async () => {
      stopping.abort();
      await running;
    },
  };
}
