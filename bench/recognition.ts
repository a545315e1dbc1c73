/**
 * `node tools/boot.mjs bench/recognition.ts CACHE [PAGES]`: the indexer's OCR in pages a minute, beside `ocrmypdf` on the same scan,
 * on as many cores and at the same priority. Pages of one of Debian's manuals are drawn at 300 dots an inch and put into a PDF.
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
import PdfDocument from 'pdfkit';
import { PageRecogniser, findRecognitionPrograms } from '../apps/indexer/src/recognition/page-recogniser.ts';
import { recognisePages } from '../apps/indexer/src/recognition/recognised-pages.ts';
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
  const programs = findRecognitionPrograms(undefined);
  if (!programs) throw new Error('poppler-utils and tesseract-ocr must be installed');
  const how = { languages: ['eng'], dataDir: null, memoryMiB: 512, folder: folder.path };
  const recogniser = new PageRecogniser(programs, how);
  const handle = await open(scan);
  const wanted = {
    documentId: 'scan',
    file: { handle, stats: await handle.stat() },
    pages: Array.from({ length: pages }, (_, at) => at + 1),
  };
  const add = async (_: string, page: number, text: string): Promise<void> => {
    if (text === '') throw new Error(`page ${page} was not read`);
  };
  await recognisePages(wanted, { recogniser, store: { add }, signal: new AbortController().signal });
  await handle.close();
}

async function measured(what: string, work: () => Promise<unknown>): Promise<number> {
  const before = timesOf(process.pid).others;
  const { seconds } = await timed(work);
  const pace = (pages * 60) / seconds;
  console.log(`| ${what} | ${pace.toFixed(1)} | ${((timesOf(process.pid).others - before) / pages).toFixed(2)} |`);
  return pace;
}
