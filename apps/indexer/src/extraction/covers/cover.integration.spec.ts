// Real: child processes, PDFium, decoders of pictures; files that the test makes.
import { strToU8, zipSync } from 'fflate';
import { decode, encode } from 'jpeg-js';
import PdfDocument from 'pdfkit';
import { buffer } from 'node:stream/consumers';
import { GifWriter } from 'omggif';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MEDIA_TYPES, TestExtractor } from '../../testing/test-extractor.ts';

let extractor: TestExtractor;
beforeAll(async () => {
  extractor = await TestExtractor.open();
});
afterAll(() => extractor.close());

const RED = [200, 30, 40, 255];
const red = (width: number, height: number) => ({
  width,
  height,
  data: Buffer.from(Uint8Array.from({ length: width * height * 4 }, (_, at) => RED[at % 4] ?? 0)),
});
const jpegOf = (width: number, height: number): Buffer => encode(red(width, height), 90).data;
const pngOf = (width: number, height: number): Buffer =>
  PNG.sync.write(Object.assign(new PNG({ width, height }), red(width, height)));

function epubOf(cover: Uint8Array, item: string, meta = ''): Uint8Array {
  return zipSync({
    'META-INF/container.xml': strToU8('<container><rootfiles><rootfile full-path="o/a.opf"/></rootfiles></container>'),
    'o/a.opf': strToU8(
      `<package><metadata>${meta}</metadata><manifest><item id="t" href="t.xhtml"/>${item}</manifest><spine><itemref idref="t"/></spine></package>`,
    ),
    'o/t.xhtml': strToU8('<html><body>the grey heron</body></html>'),
    'o/cover.jpg': cover,
  });
}
const EPUB_3 = '<item id="c" href="cover.jpg" properties="cover-image"/>';
const EPUB_2 = ['<item id="c" href="cover.jpg"/>', '<meta name="cover" content="c"/>'] as const;

/** Its size, and the colour in its middle. */
function seen(jpeg: Buffer | null) {
  if (!jpeg) return null;
  expect(jpeg.length).toBeLessThan(40_000);
  const { width, height, data } = decode(jpeg, { useTArray: true });
  const at = (Math.floor(height / 2) * width + Math.floor(width / 2)) * 4;
  return { width, height, colour: [...data.slice(at, at + 3)].map((value) => Math.round(value / 25)) };
}
const COLOUR = [8, 1, 2];

test('of a PDF it is the first page', async () => {
  const pdf = new PdfDocument({ size: [400, 600], margin: 0 });
  pdf.rect(0, 0, 400, 600).fill('#c81e28').addPage().text('not this one');
  pdf.end();
  const cover = await extractor.coverAs('a.pdf', MEDIA_TYPES.pdf, await buffer(pdf));
  expect(seen(cover)).toEqual({ width: 213, height: 320, colour: COLOUR });
});

test.each<[string, Uint8Array]>([
  ['an EPUB 3', epubOf(jpegOf(600, 800), EPUB_3)],
  ['an EPUB 2', epubOf(jpegOf(600, 800), ...EPUB_2)],
  ['an EPUB whose cover is a PNG by another name', epubOf(pngOf(600, 800), EPUB_3)],
])('of %s it is the picture that it names', async (kind, bytes) => {
  expect(seen(await extractor.coverAs(`${kind}.epub`, MEDIA_TYPES.epub, bytes))).toEqual({
    width: 240,
    height: 320,
    colour: COLOUR,
  });
});

function gifOf(width: number, height: number): Uint8Array {
  const bytes = Buffer.alloc(width * height + 2_000);
  const gif = new GifWriter(bytes, width, height, { palette: [0xc8_1e_28, 0] });
  gif.addFrame(
    0,
    0,
    width,
    height,
    Array.from({ length: width * height }, () => 0),
  );
  return bytes.subarray(0, gif.end());
}

test('a cover may be a GIF', async () => {
  const cover = await extractor.coverAs('gif.epub', MEDIA_TYPES.epub, epubOf(gifOf(60, 80), EPUB_3));
  expect(seen(cover)).toMatchObject({ colour: COLOUR });
});

test('a cover may be a WebP', async () => {
  const webp = Buffer.from('UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA', 'base64');
  const cover = await extractor.coverAs('webp.epub', MEDIA_TYPES.epub, epubOf(webp, EPUB_3));
  expect(seen(cover)).toMatchObject({ width: 1, height: 1 });
});

/** A PNG that says it is larger than it is. */
function lying(): Buffer {
  const png = pngOf(10, 10);
  png.writeUInt32BE(60_000, 16);
  png.writeUInt32BE(60_000, 20);
  return png;
}

test.each<[string, Uint8Array]>([
  ['names no cover', epubOf(jpegOf(10, 10), '')],
  ['has a drawing that could run', epubOf(strToU8('<svg><script>alert(1)</script></svg>'), EPUB_3)],
  ['has a broken picture', epubOf(jpegOf(600, 800).subarray(0, 400), EPUB_3)],
  ['has a picture that lies about its size', epubOf(lying(), EPUB_3)],
])('an EPUB that %s has none', async (kind, bytes) => {
  expect(await extractor.coverAs(`${kind}.epub`, MEDIA_TYPES.epub, bytes)).toBeNull();
});

test('what is damaged, or of another kind, has none, and the next document is not harmed', async () => {
  expect(await extractor.coverAs('bad.pdf', MEDIA_TYPES.pdf, strToU8('%PDF-1.7 and nothing'))).toBeNull();
  expect(await extractor.coverAs('a.txt', 'text/plain', strToU8('the grey heron'))).toBeNull();
  expect(await extractor.extract('plain', strToU8('the grey heron'))).toMatchObject({ text: 'the grey heron' });
});
