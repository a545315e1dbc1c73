/**
 * `node tools/boot.mjs bench/recognition.ts CACHE [pages]`: pages a minute that are recognised as the indexer recognises them, beside
 * `ocrmypdf` on the same scan, as many cores and the same priority. Pages of a manual of Debian are drawn at 300 dots an inch and made to a PDF.
 * CACHE is that of bench/reading.ts. Debian's ocrmypdf, poppler-utils and tesseract-ocr must be installed.
 */
import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { tempFolder } from '@allibrary/testing';
import PQueue from 'p-queue';
import PdfDocument from 'pdfkit';
import { findProgram } from '../apps/indexer/src/extraction/programs/program.ts';
import { PageRecogniser } from '../apps/indexer/src/recognition/page-recogniser.ts';
import { timed } from './measure.ts';
import { timesOf } from './reading/processor-time.ts';

const run = promisify(execFile);
const MANUAL = 'r-doc-pdf/usr/share/R/doc/manual/R-intro.pdf';
const FIRST_PAGE = 10;

const cache = resolve(process.argv[2] ?? '.');
const pages = Number(process.argv[3] ?? '20');
const cores = availableParallelism();
const folder = await tempFolder();
try {
  const scan = await makeScan();
  console.log(
    `${pages} pages, ${cores} cores, load ${loadavg()[0]?.toFixed(1)}\n| what | pages a minute | CPU-s a page |\n| --- | --- | --- |`,
  );
  const theirs = await measured('ocrmypdf', () =>
    run('nice', [
      '-n',
      '19',
      'ocrmypdf',
      '-q',
      '-j',
      String(cores),
      '--output-type',
      'pdf',
      scan,
      join(folder.path, 'out.pdf'),
    ]),
  );
  const ours = await measured('ours', () => recognise(scan));
  console.log(`ours : ocrmypdf = ${(ours / theirs).toFixed(2)} (goal 1.0)`);
} finally {
  await folder.remove();
}

async function makeScan(): Promise<string> {
  const [manual = ''] = globSync(join(cache, MANUAL));
  const root = join(folder.path, 'page');
  const range = ['-f', String(FIRST_PAGE), '-l', String(FIRST_PAGE + pages - 1)];
  await run('pdftoppm', ['-r', '300', '-gray', '-jpeg', ...range, manual, root]);
  const scan = join(folder.path, 'scan.pdf');
  const pdf = new PdfDocument({ autoFirstPage: false });
  for (const picture of globSync(`${root}-*.jpg`).toSorted()) {
    pdf.addPage({ size: 'A4', margin: 0 }).image(picture, 0, 0, { fit: [595, 842] });
  }
  pdf.end();
  await writeFile(scan, await buffer(pdf));
  return scan;
}

async function recognise(scan: string): Promise<void> {
  const [pdftoppm, tesseract] = ['pdftoppm', 'tesseract'].map((name) => findProgram(name, undefined));
  if (!pdftoppm || !tesseract) throw new Error('poppler-utils and tesseract-ocr must be installed');
  const how = { languages: ['eng'], dataDir: null, memoryMiB: 512, folder: folder.path };
  const recogniser = new PageRecogniser({ pdftoppm, tesseract }, how);
  const handle = await open(scan);
  const file = { handle, stats: await handle.stat() };
  const queue = new PQueue({ concurrency: cores });
  const never = new AbortController().signal;
  const texts = await queue.addAll(
    Array.from({ length: pages }, (_, at) => () => recogniser.textOf(file, at + 1, never)),
  );
  await handle.close();
  if (texts.includes('')) throw new Error('a page was not read');
}

async function measured(what: string, work: () => Promise<unknown>): Promise<number> {
  const before = timesOf(process.pid).others;
  const { seconds } = await timed(work);
  const pace = (pages * 60) / seconds;
  console.log(`| ${what} | ${pace.toFixed(1)} | ${((timesOf(process.pid).others - before) / pages).toFixed(2)} |`);
  return pace;
}
