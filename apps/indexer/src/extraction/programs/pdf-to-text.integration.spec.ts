// Real: confined processes and files. The programs are scripts of the test's own that misbehave as a hostile PDF may make poppler.
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { OpenedFile } from '@allibrary/library';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pdfOf } from '../../testing/hand-written-pdf.ts';
import { scriptProgram } from '../../testing/script-program.ts';
import { TEST_COLLECTION, testCollections } from '../../testing/test-collections.ts';
import { TEST_LIMITS, TestExtractor } from '../../testing/test-extractor.ts';
import { PdfToText, type PdfToTextLimits } from './pdf-to-text.ts';
import type { Program } from './program.ts';

let folder: TempFolder;
let file: OpenedFile;
beforeEach(async () => {
  folder = await tempFolder();
  file = await opened(pdfOf('the grey heron'));
});
afterEach(async () => {
  await file.handle.close();
  await folder.remove();
});

async function opened(bytes: Buffer): Promise<OpenedFile> {
  await writeFile(join(folder.path, 'a.pdf'), bytes);
  return testCollections(folder.path).openFile({ collection: TEST_COLLECTION, path: 'a.pdf' });
}

const program = (script: string): Promise<Program> => scriptProgram(folder.path, 'pdftotext', script);

async function textBy(script: string, change: Partial<PdfToTextLimits> = {}): Promise<string | null> {
  const pdfToText = new PdfToText(await program(script), { ...TEST_LIMITS, ...change }, join(folder.path, 'reading'));
  const text = await pdfToText.textOf(file);
  if (!text) return null;
  const bytes = Buffer.alloc(text.sizeBytes);
  await text.handle.read(bytes, 0, bytes.length, 0);
  await text.handle.close();
  return bytes.toString('utf8');
}

test('the program gets the bytes of the document as its input, and no environment of the indexer', async () => {
  expect(await textBy('head -c 5; env | cut -d= -f1 | sort | tr "\\n" " "; echo "$@"')).toBe(
    '%PDF-LC_ALL MALLOC_ARENA_MAX PWD -raw -enc UTF-8 /dev/stdin -\n',
  );
});

test('the text lies in no folder', async () => {
  expect(await textBy('echo heron')).toBe('heron\n');
  expect(await readdir(join(folder.path, 'reading'))).toEqual([]);
});

test.each([
  ['fails', 'echo heron; exit 1'],
  ['crashes', 'echo heron; kill -SEGV $$'],
  ['says nothing', 'exit 0'],
  [
    'lacks the maps of a script',
    'echo heron; echo "Syntax Error: Missing language pack for \'Adobe-Japan1\' mapping" >&2',
  ],
  ['hangs', 'echo heron; while :; do :; done'],
  ['sleeps', 'exec sleep 60'],
  ['needs too much memory', 'echo heron; head -c 1000000000 /dev/zero | tail > /dev/null || exit 1'],
])('the built-in readers read a document when it %s', async (_, script) => {
  expect(await textBy(script, { timeLimitMs: 500, memoryMiB: 128 })).toBe(null);
});

test('the built-in readers read a document when its text can be put nowhere', async () => {
  await writeFile(join(folder.path, 'reading'), 'a file where the folder should be');
  expect(await textBy('echo heron')).toBe(null);
});

test('a text without end is cut at the limit', async () => {
  expect((await textBy('exec yes heron', { maxCharacters: 1_000 }))?.length).toBe(3_072);
});

test('it writes no other file than the text', async () => {
  const path = join(folder.path, 'written');
  await textBy(`head -c 5000 /dev/zero > ${path}; echo heron`, { maxCharacters: 100 });
  expect((await readFile(path)).length).toBeLessThanOrEqual(512);
});

const canGiveUpNetwork = ['-n', '-rn'].some((mode) => spawnSync('unshare', [mode, 'true']).status === 0);
test.runIf(canGiveUpNetwork)('it has no network', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const script = `exec ${process.execPath} -e "require('net').connect(${port}, '127.0.0.1').on('connect', () => console.log('connected')).on('error', ({ code }) => { console.log(code); process.exit() })"`;
  expect(await textBy(script, { memoryMiB: 4_096 })).toBe('ENETUNREACH\n');
  server.close();
});

test('it is not started for a file that is not a PDF', async () => {
  await file.handle.close();
  file = await opened(Buffer.from('the grey heron'));
  expect(await textBy('echo heron')).toBe(null);
});

test('it is ended when the indexer stops', async () => {
  const pdfToText = new PdfToText(await program('exec sleep 60'), TEST_LIMITS, join(folder.path, 'reading'));
  const text = pdfToText.textOf(file);
  pdfToText.close();
  expect(await text).toBe(null);
});

test('its pages are those of the document', async () => {
  const pdfToText = new PdfToText(
    await program('printf "one\\f\\fthree\\f"'),
    TEST_LIMITS,
    join(folder.path, 'reading'),
  );
  const extractor = await TestExtractor.open({ pdfToText });
  expect(await extractor.extract('pdf', pdfOf('a', 'b', 'c'))).toMatchObject({
    text: 'one\n\nthree',
    divisions: [
      { page: 1, at: 0 },
      { page: 2, at: 4 },
      { page: 3, at: 5 },
    ],
  });
  await extractor.close();
});
