// Real: Tesseract and PDFium in an extraction child, with its limits. The scans are drawn by the test.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import PdfDocument from 'pdfkit';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { type GreyPicture, pictureOfText, pngOf, scanOf, tiffOf } from '../../testing/scans.ts';
import { TestExtractor } from '../../testing/test-extractor.ts';
import type { RecognitionLimits } from '../extraction.ts';

const ENGLISH: RecognitionLimits = { languages: ['eng'], dataDir: null, timeLimitMs: 120_000, isForPdfs: true };
const MEMORY = { memoryMiB: 512 };

let heron: GreyPicture;
let egret: GreyPicture;
let extractor: TestExtractor;
beforeAll(async () => {
  heron = await pictureOfText('The grey heron stands', 'still in the water.');
  egret = await pictureOfText('A white egret walks', 'along the shore.');
});
afterEach(() => extractor.close());

test('a scanned PDF is read page by page', async () => {
  extractor = await TestExtractor.open({ ...MEMORY, ocr: ENGLISH });
  expect(await extractor.extractAs('scan.pdf', 'application/pdf', await scanOf(heron, egret))).toMatchObject({
    kind: 'text',
    text: expect.stringMatching(/The grey heron stands\s+still in the water.\s+A white egret walks\s+along the shore/),
    divisions: [
      { at: 0, page: 1 },
      { at: expect.any(Number), page: 2 },
    ],
    truncated: false,
    metadata: { title: 'A scan' },
  });
});

test('a picture is read, whatever it is called', async () => {
  extractor = await TestExtractor.open({ ...MEMORY, ocr: ENGLISH });
  expect(await extractor.extractAs('photo.jpg', 'image/jpeg', pngOf(heron))).toMatchObject({
    kind: 'text',
    mediaType: 'image/png',
    text: expect.stringContaining('grey heron'),
    divisions: [],
  });
});

test('a scanned page is read beside typed ones, also under a stamp', async () => {
  extractor = await TestExtractor.open({ ...MEMORY, ocr: ENGLISH });
  const extraction = await extractor.extractAs('mixed.pdf', 'application/pdf', await mixedPdf());
  expect(extraction).toMatchObject({
    text: expect.stringMatching(/county archive.*grey heron stands.*Archive no. 7.*white egret walks/su),
    divisions: [{ page: 1 }, { page: 2 }, { page: 3 }, { page: 4 }],
    picturePages: [],
  });
});

test('pages that are pictures are counted where OCR is off; empty ones are not', async () => {
  extractor = await TestExtractor.open(MEMORY);
  const mixed = await extractor.extractAs('mixed.pdf', 'application/pdf', await mixedPdf());
  expect(mixed).toMatchObject({ kind: 'text', words: 73, picturePages: [2, 3] });
  const scan = await extractor.extractAs('scan.pdf', 'application/pdf', await scanOf(heron, egret));
  expect(scan).toMatchObject({ kind: 'problem', picturePages: [1, 2] });
  expect(await extractor.extractAs('a.txt', 'text/plain', Buffer.from('a heron'))).toMatchObject({ picturePages: [] });
});

async function mixedPdf(): Promise<Uint8Array> {
  const pdf = new PdfDocument({ autoFirstPage: false });
  pdf.addPage().text('A typed cover of the county archive. '.repeat(10));
  pdf.addPage().image(pngOf(heron), 0, 0, { fit: [420, 300] });
  pdf
    .addPage()
    .image(pngOf(egret), 0, 50, { fit: [420, 300] })
    .text('Archive no. 7', 0, 10);
  pdf.addPage();
  pdf.end();
  return buffer(pdf);
}

test('a picture that stands on its head is read', async () => {
  extractor = await TestExtractor.open({ ...MEMORY, ocr: ENGLISH });
  const turned = { ...heron, dots: heron.dots.toReversed() };
  expect(await extractor.extractAs('turned.png', 'image/png', pngOf(turned))).toMatchObject({
    text: expect.stringContaining('grey heron'),
  });
});

test('what has no text gives none', async () => {
  extractor = await TestExtractor.open({ ...MEMORY, ocr: ENGLISH });
  const dots = Uint8Array.from({ length: 640 * 480 }, (_, at) => (Math.imul(at, 2_654_435_761) >>> 13) & 255);
  const noise = { width: 640, height: 480, dots };
  expect(await extractor.extractAs('noise.png', 'image/png', pngOf(noise))).toMatchObject({
    kind: 'problem',
    problem: 'OCR found no text in the picture',
  });
  expect(await extractor.extractAs('noise.pdf', 'application/pdf', await scanOf(noise))).toMatchObject({
    kind: 'problem',
    problem: 'the PDF holds only images, and OCR found no text in them',
    metadata: { title: 'A scan' },
  });
});

test('a picture that is damaged is reported', async () => {
  extractor = await TestExtractor.open({ ...MEMORY, ocr: ENGLISH });
  expect(await extractor.extractAs('cut.png', 'image/png', pngOf(heron).subarray(0, 300))).toMatchObject({
    kind: 'problem',
    problem: 'the picture is damaged, or of a kind that OCR does not read',
  });
});

test('of a scan that takes too long the first pages are kept', async () => {
  const dense = await pictureOfText(
    ...Array.from({ length: 12 }, () => 'The grey heron stands still in the water of the lake.'),
  );
  const pages = Array.from({ length: 60 }, () => dense);
  extractor = await TestExtractor.open({ ...MEMORY, ocr: { ...ENGLISH, timeLimitMs: 15_000 } });
  expect(await extractor.extractAs('long.pdf', 'application/pdf', await scanOf(...pages))).toMatchObject({
    kind: 'text',
    text: expect.stringContaining('grey heron'),
    truncated: true,
  });
});

/** A PNG that says it is larger than it is. */
function vast(): Buffer {
  const png = pngOf(heron);
  png.writeUInt32BE(60_000, 16);
  png.writeUInt32BE(20_000, 20);
  return png;
}

test('a vast picture is refused before it is decoded', async () => {
  extractor = await TestExtractor.open({ ...MEMORY, ocr: ENGLISH });
  expect(await extractor.extractAs('huge.png', 'image/png', vast())).toMatchObject({
    kind: 'problem',
    problem: 'the picture has 60000 x 20000 dots; OCR reads at most 24 million',
  });
  expect(await extractor.extractAs('after.png', 'image/png', pngOf(heron))).toMatchObject({ kind: 'text' });
});

test('a TIFF of several pages has their numbers, and keeps those before one that can not be read', async () => {
  extractor = await TestExtractor.open({ ...MEMORY, ocr: ENGLISH });
  expect(await extractor.extractAs('two.tiff', 'image/tiff', tiffOf(heron, egret))).toMatchObject({
    text: expect.stringMatching(/grey heron[^]+white egret/),
    divisions: [{ page: 1 }, { page: 2 }],
    truncated: false,
  });
  const broken = { ...egret, width: 60_000, height: 60_000 };
  expect(await extractor.extractAs('one.tiff', 'image/tiff', tiffOf(heron, broken))).toMatchObject({
    text: expect.stringContaining('grey heron'),
    divisions: [{ page: 1 }],
    truncated: true,
  });
});

test('without OCR a scan is reported as what it is', async () => {
  extractor = await TestExtractor.open();
  expect(await extractor.extractAs('scan.pdf', 'application/pdf', await scanOf(heron))).toMatchObject({
    kind: 'problem',
    problem: 'the PDF holds no text, only images, and OCR is off',
  });
});

test('a scan that native programs are to read is reported as not read yet', async () => {
  extractor = await TestExtractor.open({ ...MEMORY, ocr: { ...ENGLISH, isForPdfs: false } });
  expect(await extractor.extractAs('scan.pdf', 'application/pdf', await scanOf(heron))).toMatchObject({
    ...{ kind: 'problem', problemCode: 'ocr-off', picturePages: [1] },
    problem: 'the PDF holds no text, only images, and OCR has not read them yet',
  });
});

test('a language whose data is missing is named', async () => {
  extractor = await TestExtractor.open({ ...MEMORY, ocr: { ...ENGLISH, languages: ['deu'] } });
  expect(await extractor.extractAs('a.png', 'image/png', pngOf(heron))).toMatchObject({
    problem: 'OCR in deu needs ALLIBRARY_OCR_DATA',
  });
  await extractor.close();
  extractor = await TestExtractor.open({ ...MEMORY });
  const dataDir = join(extractor.path, 'tessdata');
  await mkdir(dataDir);
  const other = await TestExtractor.open({ ...MEMORY, ocr: { ...ENGLISH, languages: ['deu'], dataDir } });
  expect(await other.extractAs('a.png', 'image/png', pngOf(heron))).toMatchObject({
    problem: expect.stringContaining('deu.traineddata, which can'),
  });
  await other.close();
});
