// Real: a child process, archives that the tests write.
import { strToU8, zipSync } from 'fflate';
import { encode } from 'jpeg-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sectionsOf } from '../text/sections.ts';
import { MEDIA_TYPES, TestExtractor } from '../../testing/test-extractor.ts';

let extractor: TestExtractor;
beforeAll(async () => {
  extractor = await TestExtractor.open();
});
afterAll(() => extractor.close());

const CONTAINER = '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>';
const page = (text: string): string => `<html><body><p>${text}</p></body></html>`;
const JPEG = encode({ width: 8, height: 8, data: Buffer.alloc(8 * 8 * 4, 0x80) }, 90).data;

interface Book {
  readonly metadata?: string;
  readonly manifest?: string;
  readonly spine?: string;
  readonly guide?: string;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
}

const bytesOf = ({ metadata = '', manifest = '', spine = '', guide = '', files = {} }: Book): Uint8Array => {
  const all = {
    'META-INF/container.xml': CONTAINER,
    'OPS/book.opf': `<package><metadata>${metadata}</metadata><manifest>${manifest}</manifest><spine>${spine}</spine>${guide}</package>`,
    ...files,
  };
  return zipSync(
    Object.fromEntries(
      Object.entries(all).map(([name, each]) => [name, typeof each === 'string' ? strToU8(each) : each]),
    ),
  );
};
const ONE_PAGE = {
  manifest: '<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>',
  spine: '<itemref idref="a"/>',
  files: { 'OPS/a.xhtml': page('Two herons') },
};

test.each([
  ['in another case', 'Text/ONE.xhtml', 'OPS/text/one.xhtml'],
  ['in another Unicode form', 'He\u0301ron.xhtml', 'OPS/H\u00E9ron.xhtml'],
  ['from the root', '/OPS/one.xhtml', 'OPS/one.xhtml'],
  ['with a detour', './x/../one.xhtml', 'OPS/one.xhtml'],
  ['with backslashes', 'text\\one.xhtml', 'OPS/text/one.xhtml'],
  ['with escapes', 'one%20heron.xhtml', 'OPS/one heron.xhtml'],
  ['with a sign that looks like an escape', '100%.xhtml', 'OPS/100%.xhtml'],
  ['with an anchor', 'one.xhtml#top', 'OPS/one.xhtml'],
])('a file is found by a reference %s', async (_, href, name) => {
  const manifest = `<item id="a" href="${href}" media-type="application/xhtml+xml"/>`;
  const bytes = bytesOf({ ...ONE_PAGE, manifest, files: { [name]: page('Two herons') } });
  expect(await extractor.extract('epub', bytes)).toMatchObject({ text: 'Two herons' });
});

test('a file that the spine names several times is read once', async () => {
  const manifest = ['', '#b', '#c'].map((anchor, at) => `<item id="i${at}" href="a.xhtml${anchor}"/>`).join('');
  const spine = [0, 1, 2].map((at) => `<itemref idref="i${at}"/>`).join('');
  const extraction = await extractor.extract('epub', bytesOf({ ...ONE_PAGE, manifest, spine }));
  expect(extraction).toMatchObject({ text: 'Two herons', words: 2 });
});

test('a spine that stands before the manifest is read', async () => {
  const book = `<package><spine><itemref idref="a"/></spine><manifest>${ONE_PAGE.manifest}</manifest></package>`;
  const bytes = bytesOf({ files: { ...ONE_PAGE.files, 'OPS/book.opf': book } });
  expect(await extractor.extract('epub', bytes)).toMatchObject({ text: 'Two herons' });
});

test('of several renditions, the one that is a package document is read', async () => {
  const container = `<container><rootfile full-path="book.pdf" media-type="application/pdf"/>
    <rootfile full-path="/OPS/book.opf" media-type="application/oebps-package+xml"/></container>`;
  const files = { ...ONE_PAGE.files, 'META-INF/container.xml': container };
  expect(await extractor.extract('epub', bytesOf({ ...ONE_PAGE, files }))).toMatchObject({ text: 'Two herons' });
});

test('a page that is a drawing is read', async () => {
  const manifest = '<item id="a" href="a.svg" media-type="image/svg+xml"/>';
  const files = { 'OPS/a.svg': '<svg xmlns="http://www.w3.org/2000/svg"><text>Two herons</text></svg>' };
  const extraction = await extractor.extract('epub', bytesOf({ ...ONE_PAGE, manifest, files }));
  expect(extraction.kind === 'text' && [...sectionsOf(extraction)].map(({ text }) => text)).toEqual(['Two herons']);
});

const creator = (name: string, attributes = ''): string => `<dc:creator ${attributes}>${name}</dc:creator>`;

test.each([
  ['EPUB 2', creator('Ann Reed', 'opf:role="aut"') + creator('Bo Lake', 'opf:role="trl"'), ['Ann Reed']],
  [
    'EPUB 3',
    `${creator('Bo Lake', 'id="b"')}<meta refines="#b" property="role">trl</meta>${creator('Ann Reed')}`,
    ['Ann Reed'],
  ],
  ['a book without an author', creator('Bo Lake', 'opf:role="edt"'), ['Bo Lake']],
])('a translator is no author in %s', async (_, metadata, creators) => {
  expect(await extractor.extract('epub', bytesOf({ ...ONE_PAGE, metadata }))).toMatchObject({ metadata: { creators } });
});

const date = (value: string, event = ''): string => `<dc:date ${event && `opf:event="${event}"`}>${value}</dc:date>`;

test.each([
  ['of publication', date('2020', 'modification') + date('1988') + date('1987', 'publication'), 1987],
  ['that nobody qualified', date('2020', 'conversion') + date('1988'), 1988],
  ['of nothing but the file', date('2020', 'modification'), null],
  ['that Calibre writes for none', date('0101-01-01T00:00:00+00:00'), null],
  ['of a copyright', date('c1911'), 1911],
])('the date %s counts', async (_, metadata, year) => {
  expect(await extractor.extract('epub', bytesOf({ ...ONE_PAGE, metadata }))).toMatchObject({ metadata: { year } });
});

test('the main title goes before that of the series', async () => {
  const metadata = `<dc:title id="s">Birds</dc:title><meta refines="#s" property="title-type">collection</meta>
    <dc:title id="m">Herons</dc:title><meta refines="#m" property="title-type">main</meta>`;
  const extraction = await extractor.extract('epub', bytesOf({ ...ONE_PAGE, metadata }));
  expect(extraction).toMatchObject({ metadata: { title: 'Herons' } });
});

const PICTURE = '<item id="p" href="im/p.jpg" media-type="image/jpeg"/>';

test.each<[string, Book]>([
  ['a property', { manifest: '<item id="p" href="im/p.jpg" properties="svg cover-image"/>' }],
  ['an id', { manifest: PICTURE, metadata: '<meta name="cover" content="p"/>' }],
  ['a path', { manifest: PICTURE, metadata: '<meta name="cover" content="im/p.jpg"/>' }],
  ['the guide, by a page', { manifest: PICTURE, guide: '<guide><reference type="cover" href="cover.xhtml"/></guide>' }],
  [
    'the guide, beside an id that is none',
    {
      manifest: PICTURE,
      metadata: '<meta name="cover" content="nobody"/>',
      guide: '<guide><reference type="Cover" href="im/p.jpg"/></guide>',
    },
  ],
  ['its own id', { manifest: PICTURE.replace('"p"', '"coverimage"') }],
])('a cover is named by %s', async (_, book) => {
  const svg = '<svg xmlns:xlink="x"><image xlink:href="im/p.jpg"/></svg>';
  const files = { ...ONE_PAGE.files, 'OPS/im/p.jpg': JPEG, 'OPS/cover.xhtml': page(svg) };
  const bytes = bytesOf({ ...ONE_PAGE, ...book, files });
  expect(await extractor.coverAs('cover.epub', MEDIA_TYPES.epub, bytes)).not.toBeNull();
});
