// Real: the project's own guides, in files of a temporary folder, read by other libraries than those that wrote them.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempFolder } from '@allibrary/testing';
import { strFromU8, unzipSync } from 'fflate';
import { extractText, getDocumentProxy } from 'unpdf';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeGuides } from './make-guides.ts';

let folder: Awaited<ReturnType<typeof tempFolder>>;
let made: string[];
beforeAll(async () => {
  folder = await tempFolder();
  made = await makeGuides(folder.path);
});
afterAll(() => folder.remove());

const read = (path: string): Promise<Buffer> => readFile(join(folder.path, path));

test('every guide is there in every format', () => {
  expect(made).toHaveLength(25);
  expect(new Set(made.map((path) => path.split('/')[0]))).toEqual(new Set(['pdf', 'epub', 'html', 'md', 'txt']));
});

test('a PDF can be read back, to the end', async () => {
  const { text } = await extractText(await getDocumentProxy(new Uint8Array(await read('pdf/searching-well.pdf'))), {
    mergePages: true,
  });
  expect(text).toContain('Searching well');
  expect(text.replaceAll(/\s+/g, ' ')).toContain('the log of the indexer says why');
});

test('an EPUB names its type first, uncompressed, and leads to its chapter', async () => {
  const bytes = await read('epub/getting-started.epub');
  expect(bytes.subarray(30, 58).toString()).toBe('mimetypeapplication/epub+zip');
  const files = unzipSync(bytes);
  expect(strFromU8(files['META-INF/container.xml'] ?? new Uint8Array())).toContain('OEBPS/package.opf');
  const opf = strFromU8(files['OEBPS/package.opf'] ?? new Uint8Array());
  expect(opf).toContain('<dc:title>Getting started as a librarian</dc:title>');
  expect(strFromU8(files['OEBPS/chapter.xhtml'] ?? new Uint8Array())).toContain('<h2>Open the web page</h2>');
});

test('a page and a text have no marks of Markdown left', async () => {
  expect((await read('html/getting-started.html')).toString()).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
  const text = (await read('txt/running-a-seedbox.txt')).toString();
  expect(text).toContain('ALLIBRARY_LIBRARY');
  expect(text).not.toMatch(/[`#]/);
});

test('the same guide gives the same bytes every time', async () => {
  const again = await tempFolder();
  await makeGuides(again.path);
  for (const path of made) expect(await readFile(join(again.path, path))).toEqual(await read(path));
  await again.remove();
});
