// Real: confined processes, files, the embedded index, the child that reads texts; Tesseract and poppler where they are installed.
// Otherwise scripts of the test's own stand in for the programs.
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LibraryDocument } from '@allibrary/contracts';
import type { OpenedFile } from '@allibrary/library';
import { type TempFolder, eventually, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TextExtractor } from '../extraction/child/text-extractor.ts';
import { DocumentIndexing } from '../indexing/document-indexing.ts';
import { DocumentTexts } from '../indexing/document-texts.ts';
import { pdfOf } from '../testing/hand-written-pdf.ts';
import { type GreyPicture, pictureOfText, scanOf } from '../testing/scans.ts';
import { scriptProgram } from '../testing/script-program.ts';
import { TEST_COLLECTION, testCollections } from '../testing/test-collections.ts';
import { TEST_LIMITS } from '../testing/test-extractor.ts';
import { documentOf, openFts5 } from '../testing/test-index.ts';
import { PageRecogniser, type RecognitionPrograms, findRecognitionPrograms } from './page-recogniser.ts';
import { RecognisedPages, recognisePages } from './recognised-pages.ts';
import { Recognition } from './recognition.ts';

const DOCUMENT: LibraryDocument = {
  ...{ documentId: 'bafkreigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi', name: 'scan.pdf', sizeBytes: 0 },
  ...{ mediaType: 'application/pdf', sha256: null, isPublic: true, addedAtMs: 1 },
  locations: [{ collection: TEST_COLLECTION, path: 'scan.pdf' }],
};

let folder: TempFolder;
beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(() => folder.remove());

async function write(bytes: Uint8Array): Promise<LibraryDocument> {
  await writeFile(join(folder.path, 'scan.pdf'), bytes);
  return { ...DOCUMENT, sizeBytes: bytes.length };
}

const row = (confidence: number, text: string): string =>
  `5\\t1\\t1\\t1\\t1\\t1\\t0\\t0\\t9\\t9\\t${confidence}\\t${text}\\n`;
const recogniserOf = (programs: RecognitionPrograms): PageRecogniser =>
  new PageRecogniser(programs, {
    languages: ['eng'],
    dataDir: null,
    memoryMiB: 256,
    folder: join(folder.path, 'reading'),
  });

describe('a page', () => {
  let file: OpenedFile;
  beforeEach(async () => {
    await write(pdfOf('the grey heron'));
    file = await testCollections(folder.path).openFile({ collection: TEST_COLLECTION, path: 'scan.pdf' });
  });
  afterEach(() => file.handle.close());

  const textBy = async (drawing: string, reading: string): Promise<string> => {
    const pdftoppm = await scriptProgram(folder.path, 'pdftoppm', drawing);
    const recogniser = recogniserOf({ pdftoppm, tesseract: await scriptProgram(folder.path, 'tesseract', reading) });
    return recogniser.textOf(file, 7, AbortSignal.timeout(20_000));
  };

  test('is drawn by its number and read in the languages, by one thread of the lowest priority', async () => {
    const reading = `printf "${row(90, '$(cat $1) $OMP_THREAD_LIMIT $(nice) $4')}"`;
    expect(await textBy('echo "$@" | cut -d" " -f1-8', reading)).toBe('-r 300 -gray -f 7 -l 7 -singlefile 1 19 eng');
  });

  test('that is too large at that density is drawn smaller', async () => {
    expect(await textBy('[ "$1" = -r ] && exec cat /dev/zero; echo "$1"', `printf "${row(90, '$(cat $1)')}"`)).toBe(
      '-scale-to',
    );
  });

  test('that cannot be read upright is read in its own orientation', async () => {
    const reading = `[ "$6" = 1 ] && printf "${row(80, 'heron')}" || printf "${row(30, 'stain')}"`;
    expect(await textBy('echo picture', reading)).toBe('heron');
  });

  test.each([
    ['nothing is sure', 'echo picture', `printf "${row(40, 'stain')}"`],
    ['it cannot be drawn', 'exit 1', `printf "${row(90, 'heron')}"`],
    ['Tesseract crashes', 'echo picture', 'kill -SEGV $$'],
    ['Tesseract writes without end', 'echo picture', 'exec yes heron'],
  ])('has no text when %s', async (_, drawing, reading) => {
    expect(await textBy(drawing, reading)).toBe('');
  });
});

describe('documents', () => {
  let opened: Awaited<ReturnType<typeof openFts5>>;
  let extractor: TextExtractor;
  let scans: { heron: GreyPicture; egret: GreyPicture };
  beforeEach(async () => {
    opened = await openFts5();
    const ocr = { languages: ['eng'], dataDir: null, timeLimitMs: 60_000, isForPdfs: false };
    extractor = new TextExtractor({ ...TEST_LIMITS, memoryMiB: 512, ocr });
    scans = { heron: await pictureOfText('The grey heron stands'), egret: await pictureOfText('A white egret walks') };
  });
  afterEach(async () => {
    await extractor.close();
    await opened.close();
  });

  /** Indexes a document by its letters, and returns what recognises it. */
  async function indexed(document: LibraryDocument, atOnce: Pick<PageRecogniser, 'textOf'> | null = null) {
    const collections = { ...testCollections(folder.path), known: async () => {} };
    const catalog = { find: async () => document };
    const pages = new RecognisedPages(join(folder.path, 'recognised'));
    const texts = new DocumentTexts(
      ...([collections, extractor, catalog, pages] as const),
      atOnce &&
        ((wanted) =>
          recognisePages(wanted, { recogniser: atOnce, store: pages, signal: new AbortController().signal })),
    );
    const logger = { warn: () => {}, info: () => {} };
    const drawing = { expect: async () => {}, remove: async () => {} };
    const log = { note: () => {} };
    const parts = { texts, drawing, described: { of: async () => [] }, bus: { publish: async () => {} }, log };
    const { index } = opened;
    const indexing = new DocumentIndexing({ ...parts, index, metrics: { documentIndexed: () => {} } }, Date.now);
    await indexing.add(document, 5);
    const recognise = (recogniser: Pick<PageRecogniser, 'textOf'>): { end(): Promise<void> } => {
      const stopping = new AbortController();
      const recognition = new Recognition({ index, indexing, texts, catalog, recogniser, pages, logger }, Date.now);
      const running = recognition.repeat(stopping.signal);
      return {
        end: async () => {
          stopping.abort();
          await running;
        },
      };
    };
    return { index, recognise };
  }

  test('are found by their letters at once, and by their scanned pages later', async () => {
    const { index, recognise } = await indexed(await write(await scanOf(scans.heron, scans.egret)));
    expect(await index.report(DOCUMENT.documentId)).toMatchObject({ problemCode: 'ocr-off', picturePages: 2 });
    const running = recognise({ textOf: async (_, page) => (page === 1 ? 'a grey her-' : 'on and an egret') });
    await eventually(async () => (await index.countPicturePages()) === 0);
    await running.end();
    expect(await opened.namesFor('heron egret')).toEqual(['scan.pdf']);
    expect(await index.report(DOCUMENT.documentId)).toMatchObject({ problem: null, pages: 2 });
    expect(await index.find(DOCUMENT.documentId)).toMatchObject({ revision: 5 });
  });

  test.each([
    [4, 'a heron on page 4'],
    [5, null],
  ])('of %i pages are recognised before they are indexed, if they are few', async (count, found) => {
    const document = await write(await scanOf(...Array.from({ length: count }, () => scans.heron)));
    const { index } = await indexed(document, { textOf: async (_, page) => `a heron on page ${page}` });
    expect(await opened.namesFor(found ?? 'heron')).toEqual(found === null ? [] : ['scan.pdf']);
    expect(await index.countPicturePages()).toBe(found === null ? count : 0);
  });

  test('that were partly recognised continue with the next page after a restart', async () => {
    const { index, recognise } = await indexed(await write(await scanOf(scans.heron, scans.egret, scans.heron)));
    const first = Promise.withResolvers<void>();
    const hanging = (signal: AbortSignal) =>
      new Promise<string>((resolve) => signal.addEventListener('abort', () => resolve('')));
    const stopped = recognise({
      textOf: async (_, page, signal) => {
        if (page > 1) return hanging(signal);
        setImmediate(first.resolve);
        return 'first';
      },
    });
    await first.promise;
    await eventually(() => existsSync(join(folder.path, 'recognised', `${DOCUMENT.documentId}.jsonl`)));
    await stopped.end();
    const read: number[] = [];
    const running = recognise({
      textOf: async (_, page) => {
        read.push(page);
        return `later${page}`;
      },
    });
    await eventually(async () => (await index.countPicturePages()) === 0);
    await running.end();
    expect(new Set(read)).toEqual(new Set([2, 3]));
    expect(await opened.namesFor('first later2 later3')).toEqual(['scan.pdf']);
  });

  test('that fail do not keep others from being recognised', async () => {
    const scan = { mediaType: 'image/png', problem: 'a picture', problemCode: 'ocr-off' } as const;
    const scanned = ['a.png', 'b.png'].map((name) => documentOf(name, name, scan));
    for (const [revision, each] of scanned.entries()) await opened.index.upsert(each, revision);
    const [failing] = scanned.map(({ documentId }) => documentId).toSorted();
    const read: string[] = [];
    const stopping = new AbortController();
    const recognition = new Recognition(
      {
        index: opened.index,
        indexing: { readAgain: async ({ documentId }) => void read.push(documentId) },
        texts: { read: async () => ({ kind: 'removed' }), withFile: async () => null },
        catalog: {
          find: async (documentId) => {
            if (documentId === failing) throw new Error('its disk is away');
            return { ...DOCUMENT, documentId };
          },
        },
        recogniser: { textOf: async () => '' },
        pages: { add: async () => {} },
        logger: { info: () => {}, warn: () => {} },
      },
      Date.now,
    );
    const running = recognition.repeat(stopping.signal);
    await eventually(() => read.length === 1);
    stopping.abort();
    await running;
    expect(read).not.toContain(failing);
  });

  test('without any text on their pages are not recognised again', async () => {
    const { index, recognise } = await indexed(await write(await scanOf(scans.heron)));
    const running = recognise({ textOf: async () => '' });
    await eventually(async () => (await index.countPicturePages()) === 0);
    await running.end();
    expect(await index.report(DOCUMENT.documentId)).toMatchObject({
      problem: 'the PDF holds only images, and OCR found no text in them',
      problemCode: 'unreadable',
    });
  });

  const programs = findRecognitionPrograms(undefined);
  test.runIf(programs)('are read by the real programs, also upside down', async () => {
    const turned = { ...scans.egret, dots: scans.egret.dots.toReversed() };
    const { index, recognise } = await indexed(await write(await scanOf(scans.heron, turned)));
    const running = recognise(recogniserOf(programs as RecognitionPrograms));
    await eventually(async () => (await index.countPicturePages()) === 0, { timeoutMs: 60_000 });
    await running.end();
    expect(await opened.namesFor('grey heron stands')).toEqual(['scan.pdf']);
    expect(await opened.namesFor('white egret walks')).toEqual(['scan.pdf']);
  });
});
