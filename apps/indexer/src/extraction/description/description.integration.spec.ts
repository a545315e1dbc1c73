// Real: child processes, files that the tests write. What is known of a document beside its text, and from where.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MEDIA_TYPES, TestExtractor } from '../../testing/test-extractor.ts';

let extractor: TestExtractor;
beforeAll(async () => {
  extractor = await TestExtractor.open();
});
afterAll(() => extractor.close());

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55', 'hex');
const EPUB = zipSync({
  mimetype: [strToU8('application/epub+zip'), { level: 0 }],
  'META-INF/container.xml': strToU8('<container><rootfiles><rootfile full-path="a.opf"/></rootfiles></container>'),
  'a.opf': strToU8(
    '<package><metadata><title>Own title</title><creator>Own Author</creator></metadata>' +
      '<manifest><item id="a" href="a.xhtml"/></manifest><spine><itemref idref="a"/></spine></package>',
  ),
  'a.xhtml': strToU8('<html><body>the grey heron</body></html>'),
});
const beside = (name: string, content: string): Promise<void> => writeFile(join(extractor.path, name), content);

test.each([
  ['a book that is called an archive', 'b1.zip', 'application/zip', EPUB, MEDIA_TYPES.epub],
  ['a book that is called a text', 'b2.txt', 'text/plain', EPUB, MEDIA_TYPES.epub],
  ['a text whose name says nothing', 'README', 'application/octet-stream', strToU8('the grey heron'), 'text/plain'],
  ['a text that begins like a picture', 'bm.txt', 'text/plain', strToU8('BM25 ranks the grey heron'), 'text/plain'],
])('%s is read as what it is', async (_kind, name, named, bytes, mediaType) => {
  const extraction = await extractor.extractAs(name, named, bytes);
  expect(extraction).toMatchObject({ kind: 'text', mediaType, text: expect.stringContaining('the grey heron') });
});

test('a picture that is called a text is reported as a picture', async () => {
  expect(await extractor.extractAs('p.txt', 'text/plain', PNG)).toMatchObject({
    kind: 'problem',
    mediaType: 'image/png',
    problem: 'image/png is a picture, and OCR is off',
  });
});

test('a sidecar wins over what the document says, and only in what it says', async () => {
  await beside('s1.epub.json', '{"title": "Of Herons", "year": 1998}');
  await beside('s1.opf', '<package><metadata><dc:title>Not looked at</dc:title></metadata></package>');
  expect(await extractor.extractAs('s1.epub', MEDIA_TYPES.epub, EPUB)).toMatchObject({
    metadata: { title: 'Of Herons', year: 1998, creators: ['Own Author'] },
    origins: { title: 'sidecar', year: 'sidecar', creators: 'document' },
    sidecarProblem: null,
  });
});

test("a sidecar may be a package document, as Calibre's", async () => {
  const opf =
    '<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>Of Herons</dc:title>' +
    '<dc:creator>Ann Reed</dc:creator><dc:language>de</dc:language></metadata></package>';
  await beside('s2.opf', opf);
  expect(await extractor.extractAs('s2.txt', 'text/plain', strToU8('der Graureiher'))).toMatchObject({
    metadata: { title: 'Of Herons', creators: ['Ann Reed'], language: 'de' },
    origins: { title: 'sidecar', creators: 'sidecar', language: 'sidecar' },
  });
});

test('a document whose text can not be had is described by its sidecar all the same', async () => {
  await beside('s3.png.json', '{"title": "A heron"}');
  expect(await extractor.extractAs('s3.png', 'image/png', PNG)).toMatchObject({
    kind: 'problem',
    metadata: { title: 'A heron' },
    origins: { title: 'sidecar' },
  });
});

test.each([
  ['broken JSON', 't1.txt', 't1.txt.json', '{"title": ', "t1.txt.json beside it can't be understood: "],
  ['no package document', 't2.txt', 't2.txt.opf', 'just words', 'it states nothing that a package document'],
  ['too much', 't3.txt', 't3.opf', ' '.repeat(1_048_577), 'more than 1 MiB'],
])(
  'a sidecar that holds %s is reported, and the document read without it',
  async (_kind, name, sidecar, content, why) => {
    await beside(sidecar, content);
    expect(await extractor.extractAs(name, 'text/plain', strToU8('heron'))).toMatchObject({
      kind: 'text',
      text: 'heron',
      origins: {},
      sidecarProblem: expect.stringContaining(why),
    });
  },
);
