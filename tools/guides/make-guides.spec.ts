// Real: the project's own guides, as files of a temporary folder; PDFs are read by another library than wrote them.
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { tempFolder } from '@allibrary/testing';
import { strFromU8, unzipSync } from 'fflate';
import { extractText, getDocumentProxy } from 'unpdf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toEpub } from './epub.ts';
import { toHtml } from './html.ts';
import { makeGuides } from './make-guides.ts';
import { toText } from './text.ts';

let folder: Awaited<ReturnType<typeof tempFolder>>;
let made: string[];
beforeAll(async () => {
  folder = await tempFolder();
  made = await makeGuides(folder.path);
});
afterAll(() => folder.remove());

const read = (path: string): Promise<Buffer> => readFile(join(folder.path, path));
const readText = async (path: string): Promise<string> => (await read(path)).toString();
const madeAs = (extension: string): string[] => made.filter((path) => path.endsWith(`.${extension}`));
const wordsOf = (text: string): string[] => text.match(/[\p{L}\p{N}]+/gu) ?? [];
const guide = (markdown: string) => ({ slug: 'a-guide', title: 'Locks & <keys>', markdown });

/** The entries of an EPUB as texts. */
function entriesOf(bytes: Uint8Array): Record<string, string> {
  return Object.fromEntries(Object.entries(unzipSync(bytes)).map(([name, entry]) => [name, strFromU8(entry)]));
}

test('every guide is there in every format', () => {
  const formats = ['pdf', 'epub', 'html', 'md', 'txt'];
  const slugs = madeAs('md').map((path) => basename(path, '.md'));
  expect(slugs).toContain('searching-well');
  expect(made).toEqual(formats.flatMap((format) => slugs.map((slug) => join(format, `${slug}.${format}`))));
});

test('a PDF contains the whole text, in its order', async () => {
  for (const path of madeAs('pdf')) {
    const pdf = await getDocumentProxy(new Uint8Array(await read(path)));
    const { text } = await extractText(pdf, { mergePages: true });
    expect(wordsOf(text)).toEqual(wordsOf(await readText(path.replaceAll('pdf', 'txt'))));
  }
});

test('a text has no marks of Markdown or HTML left, and keeps the lines of code', async () => {
  for (const path of madeAs('txt')) expect(await readText(path)).not.toMatch(/^#|`|\*\*|&\w+;/m);
  expect(await readText('txt/running-a-seedbox.txt')).toContain('\nUser=allibrary\nWorkingDirectory=');
});

test('a page is complete', async () => {
  for (const path of madeAs('html'))
    expect(await readText(path)).toMatch(/^<!doctype html>[\s\S]*<h1>[\s\S]*<\/html>\n$/);
});

describe('an EPUB', () => {
  test('names its media type first, uncompressed', async () => {
    for (const path of madeAs('epub')) {
      const bytes = await read(path);
      expect(bytes.readUInt16LE(8)).toBe(0);
      expect(bytes.toString('latin1', 30, 58)).toBe('mimetypeapplication/epub+zip');
    }
  });

  test('leads from its container to the chapter', async () => {
    const entries = entriesOf(await read('epub/getting-started.epub'));
    expect(entries['META-INF/container.xml']).toContain('full-path="OEBPS/package.opf"');
    expect(entries['OEBPS/package.opf']).toContain('<dc:title>Getting started as a librarian</dc:title>');
    expect(entries['OEBPS/package.opf']).toContain('<dc:language>en</dc:language>');
    expect(entries['OEBPS/package.opf']).toContain('href="chapter.xhtml"');
    expect(entries['OEBPS/chapter.xhtml']).toContain('<h2>Open the web page</h2>');
  });

  test('writes its title as XML', () => {
    const entries = entriesOf(toEpub(guide('# Locks & <keys>')));
    for (const name of ['package.opf', 'nav.xhtml', 'chapter.xhtml'])
      expect(entries[`OEBPS/${name}`]).toContain('>Locks &amp; &lt;keys&gt;</');
  });
});

test('a title is escaped in HTML', () => {
  expect(toHtml(guide('# Locks & <keys>'))).toContain('<title>Locks &amp; &lt;keys&gt;</title>');
});

test('lists keep their numbers', () => {
  expect(toText(guide('3. stop it\n4. copy *it*\n\n- and `go` on'))).toBe('3. stop it\n\n4. copy it\n\n• and go on\n');
});

test('a guide that would lose something is refused', () => {
  expect(() => toText(guide('| a | table |\n|---|---|\n| b | c |'))).toThrow('with a table');
});

test('the same guide gives the same bytes, at every time and in every time zone', async () => {
  const again = await tempFolder();
  const zone = process.env['TZ'];
  process.env['TZ'] = zone === 'Pacific/Auckland' ? 'America/Lima' : 'Pacific/Auckland';
  try {
    await makeGuides(again.path);
    for (const path of made) {
      const isSame = (await read(path)).equals(await readFile(join(again.path, path)));
      expect(isSame, path).toBe(true);
    }
  } finally {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
    await again.remove();
  }
});
