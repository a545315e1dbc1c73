// Real: child processes, archives that the tests write. Here are the formats that say where something stands, and files that were damaged.
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { strToU8, zipSync } from 'fflate';
import PdfDocument from 'pdfkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sectionsOf } from '../text/sections.ts';
import type { TextFormat } from '../text-format.ts';
import type { Extraction } from '../extraction.ts';
import { TestExtractor } from '../../testing/test-extractor.ts';

let extractor: TestExtractor;

beforeAll(async () => {
  extractor = await TestExtractor.open();
});
afterAll(() => extractor.close());

const extract = (format: TextFormat, bytes: Uint8Array): Promise<Extraction> => extractor.extract(format, bytes);

const zip = (files: Readonly<Record<string, string>>): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])));

/** What a document says, by page and chapter. */
const sections = (extraction: Extraction): unknown[] =>
  extraction.kind === 'text'
    ? [...sectionsOf(extraction)].map(({ page, chapter, text }) => [page ?? chapter, text.trim()])
    : [extraction];

const CONTAINER = '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>';
const chapter = (text: string): string =>
  `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body><p>${text}</p></body></html>`;
const EPUB_2 = {
  'META-INF/container.xml': CONTAINER,
  'OPS/book.opf': `<package><metadata><dc:title>Of Herons</dc:title><dc:creator>Ann Reed</dc:creator><dc:language>en-GB</dc:language>
      <dc:date>1998-07-01</dc:date><dc:identifier>urn:isbn:9780306406157</dc:identifier></metadata><manifest>
      <item id="n" href="toc.ncx"/><item id="b" href="text/two%20herons.xhtml"/><item id="a" href="text/one.xhtml"/><item id="c" href="text/three.xhtml"/>
    </manifest><spine toc="n"><itemref idref="a"/><itemref idref="b"/><itemref idref="c"/></spine></package>`,
  'OPS/toc.ncx': `<ncx><navMap>
      <navPoint><navLabel><text>Of reeds</text></navLabel><content src="text/one.xhtml"/></navPoint>
      <navPoint><navLabel><text>Of
        herons</text></navLabel><content src="text/two%20herons.xhtml#top"/>
        <navPoint><navLabel><text>Their nests</text></navLabel><content src="text/two%20herons.xhtml#nests"/></navPoint></navPoint>
    </navMap></ncx>`,
  'OPS/text/one.xhtml': chapter('Reeds stand in the water.'),
  'OPS/text/two herons.xhtml': chapter('The grey heron'),
  'OPS/text/three.xhtml': chapter('and its nest.'),
};
const ENCRYPTED = {
  'META-INF/encryption.xml': '<encryption><enc:CipherReference URI="OPS/text/one.xhtml"/></encryption>',
};
const DOCX = {
  'docProps/core.xml':
    '<cp:coreProperties><dc:title>Of Herons</dc:title><dc:creator>Ann Reed</dc:creator><dcterms:created>1998-07-01T00:00:00Z</dcterms:created></cp:coreProperties>',
  'word/document.xml': `<w:document><w:body>
    <w:p><w:r><w:t>A fore</w:t></w:r><w:r><w:t>word</w:t></w:r></w:p>
    <w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Of herons</w:t></w:r></w:p>
    <w:p><w:r><w:instrText>PAGEREF</w:instrText><w:t>The grey</w:t><w:tab/><w:t>heron</w:t></w:r>
      <w:del><w:r><w:delText>goose</w:delText></w:r></w:del></w:p>
  </w:body></w:document>`,
};
const ODT = {
  'meta.xml':
    '<office:meta><dc:title>Of Herons</dc:title><meta:initial-creator>Ann Reed</meta:initial-creator><dc:creator>Bo</dc:creator><meta:creation-date>1998-07-01T00:00:00</meta:creation-date></office:meta>',
  'content.xml': `<office:document-content><office:body><office:text>
    <text:tracked-changes><text:p>goose</text:p></text:tracked-changes>
    <text:p>A foreword</text:p><text:h text:outline-level="1">Of <text:span>herons</text:span></text:h>
    <text:p>The grey<text:s text:c="2"/>heron<office:annotation><text:p>a remark</text:p></office:annotation></text:p>
  </office:text></office:body></office:document-content>`,
};

async function pdfOf(...pages: string[]): Promise<Buffer> {
  const info = { Title: 'Of Herons', Author: 'Ann Reed', CreationDate: new Date('1998-07-01') };
  const document = new PdfDocument({ autoFirstPage: false, info });
  for (const text of pages) document.addPage().text(text);
  document.end();
  const chunks: Buffer[] = [];
  for await (const chunk of document) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe('a document says where its words stand', () => {
  test('a PDF by page', async () => {
    expect(sections(await extract('pdf', await pdfOf('Reeds.', 'The grey heron')))).toEqual([
      [1, 'Reeds.'],
      [2, 'The grey heron'],
    ]);
  });

  test('an EPUB 2 by chapter, in reading order; a file that is not listed belongs to the chapter before it', async () => {
    expect(sections(await extract('epub', zip(EPUB_2)))).toEqual([
      ['Of reeds', 'Reeds stand in the water.'],
      ['Of herons', 'The grey heron'],
      ['Of herons', 'and its nest.'],
    ]);
  });

  test('an EPUB 3 by the links of its navigation', async () => {
    const book = zip({
      'META-INF/container.xml': CONTAINER,
      'OPS/book.opf': `<opf:package><opf:manifest><opf:item id="nav" properties="nav" href="nav.xhtml"/><opf:item id="a" href="a.xhtml"/></opf:manifest>
        <opf:spine><opf:itemref idref="a"/></opf:spine></opf:package>`,
      'OPS/nav.xhtml':
        '<html><nav><h1>Contents</h1><ol><li><a href="a.xhtml"><b>Of</b> herons</a></li></ol></nav></html>',
      'OPS/a.xhtml': chapter('The grey heron'),
    });
    expect(sections(await extract('epub', book))).toEqual([['Of herons', 'The grey heron']]);
  });

  test.each([
    ['docx', DOCX],
    ['odt', ODT],
  ] as const)(
    'a %s by its headings of the first level, without what was deleted or remarked',
    async (format, files) => {
      expect(sections(await extract(format, zip(files)))).toEqual([
        [null, 'A foreword'],
        ['Of herons', expect.stringMatching(/^Of herons The grey +heron$/)],
      ]);
    },
  );
});

describe('a document says what it is', () => {
  const page = `<html lang="en"><head><title>Site - Of Herons</title><meta name="DC.title" content="Of Herons">
    <meta name="author" content="Ann Reed"><meta name="citation_publication_date" content="1998/07/01"></head></html>`;

  test.each<[TextFormat, () => Promise<Uint8Array> | Uint8Array]>([
    ['pdf', () => pdfOf('words')],
    ['epub', () => zip(EPUB_2)],
    ['docx', () => zip(DOCX)],
    ['odt', () => zip(ODT)],
    ['html', () => strToU8(page)],
  ])('as %s', async (format, make) => {
    const metadata = { title: 'Of Herons', creators: ['Ann Reed'], year: 1998 };
    expect(await extract(format, await make())).toMatchObject({ metadata });
  });
});

describe('a document that can not be read is reported with its reason', () => {
  const traversing = zipSync({ '../../evil.txt': strToU8('evil'), 'META-INF/container.xml': strToU8(CONTAINER) });
  const bomb = zip({ 'content.xml': `<text:p>${' '.repeat(70 << 20)}</text:p>` });

  test.each<[string, TextFormat, Uint8Array, RegExp]>([
    ['random bytes', 'epub', randomBytes(5_000), /can't be unpacked/],
    ['nothing', 'docx', new Uint8Array(), /can't be unpacked/],
    ['another archive', 'docx', zip(ODT), /no DOCX: word\/document\.xml is missing/],
    ['another archive', 'odt', zip(DOCX), /no OpenDocument text: content\.xml is missing/],
    ['an archive without a package', 'epub', zip(ODT), /no EPUB: META-INF\/container\.xml is missing/],
    [
      'a book without text',
      'epub',
      zip({ 'META-INF/container.xml': CONTAINER, 'OPS/book.opf': '<package/>' }),
      /no text/,
    ],
    ['an encrypted book', 'epub', zip({ ...EPUB_2, ...ENCRYPTED }), /is encrypted/],
    ['names that lead out of the archive', 'epub', traversing, /can't be unpacked: invalid relative path/],
    ['what unpacks to far more than it is', 'odt', bomb, /more than 64 MiB/],
  ])('%s as %s', async (_case, format, bytes, problem) => {
    expect(await extract(format, bytes)).toMatchObject({ kind: 'problem', problem: expect.stringMatching(problem) });
  });

  test('what it says of itself is read all the same', async () => {
    const metadata = { title: 'Of Herons', creators: ['Ann Reed'] };
    expect(await extract('epub', zip({ ...EPUB_2, ...ENCRYPTED }))).toMatchObject({ kind: 'problem', metadata });
    expect(await extract('pdf', await pdfOf(''))).toMatchObject({
      problem: expect.stringContaining('only images'),
      metadata,
    });
  });

  test('three hundred files that were cut off, mixed and flipped end as text or as a problem, and nothing is written', async () => {
    const originals: [TextFormat, Uint8Array][] = [
      ['pdf', await pdfOf('Reeds.', 'The grey heron', 'stands still.')],
      ['epub', zip(EPUB_2)],
      ['docx', zip(DOCX)],
      ['odt', zip(ODT)],
      ['html', strToU8(chapter('The grey heron'))],
    ];
    const random = seededRandom(20_261_123);
    const kinds = new Map<string, number>();
    for (let n = 0; n < 300; n++) {
      const [format, original] = originals[n % originals.length] ?? ['plain', new Uint8Array()];
      const other = originals[random(originals.length)]?.[1] ?? original;
      const { kind } = await extract(format, damaged(original, other, random));
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
    expect([...kinds.keys()].toSorted()).toEqual(['problem', 'text']);
    expect(await readdir(extractor.path)).toHaveLength(extractor.written);
  });
});

/** Numbers below a limit, the same in each run. */
function seededRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function damaged(original: Uint8Array, other: Uint8Array, random: (below: number) => number): Uint8Array {
  switch (random(3)) {
    case 0:
      return original.slice(0, random(original.length));
    case 1: {
      const flipped = original.slice();
      for (let n = 0; n < 8; n++) flipped[random(flipped.length)] = random(256);
      return flipped;
    }
    default:
      return Buffer.concat([original.slice(0, random(original.length)), other.slice(random(other.length))]);
  }
}
