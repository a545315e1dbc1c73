/**
 * `node tools/boot.mjs bench/extraction.ts [pages]`: pages a second of each format, read by one extraction child as the indexer reads
 * them, beside the bare library on the same file in this process. Ours also bounds, cleans, divides, counts, recognises the language,
 * and hands the text to another process.
 */
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempFolder } from '@allibrary/testing';
import { Parser } from 'htmlparser2';
import { extractText, getDocumentProxy } from 'unpdf';
import { fromBufferPromise } from 'yauzl';
import { MEDIA_TYPES } from '../apps/indexer/src/testing/test-extractor.ts';
import { TextExtractor } from '../apps/indexer/src/extraction/child/text-extractor.ts';
import { type BookFormat, booksOf } from './extraction/books.ts';
import { median, timed } from './measure.ts';

const ROUNDS = 9;

async function read(path: string, format: BookFormat): Promise<void> {
  const handle = await open(path);
  const file = { handle, stats: await handle.stat() };
  const extraction = await extractor.extract({ file, mediaType: MEDIA_TYPES[format], sidecar: null });
  await handle.close();
  if (extraction.kind !== 'text') throw new Error(`${format} could not be read: ${JSON.stringify(extraction)}`);
}

const decode = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes);

function textOfMarkup(markup: string): string {
  let text = '';
  const parser = new Parser({ ontext: (piece) => void (text += piece) });
  parser.end(markup);
  return text;
}

async function textOfArchive(bytes: Uint8Array): Promise<string> {
  const zip = await fromBufferPromise(Buffer.from(bytes), { lazyEntries: true });
  let text = '';
  for await (const entry of zip.eachEntry()) {
    const chunks: Buffer[] = [];
    for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
    text += textOfMarkup(Buffer.concat(chunks).toString());
  }
  return text;
}

/** Markdown and plain text need no library but a decoder. */
const BARE: Readonly<Record<BookFormat, (bytes: Uint8Array) => unknown>> = {
  plain: decode,
  markdown: decode,
  html: (bytes) => textOfMarkup(decode(bytes)),
  epub: textOfArchive,
  docx: textOfArchive,
  odt: textOfArchive,
  pdf: async (bytes) =>
    extractText(await getDocumentProxy(Uint8Array.from(bytes), { verbosity: 0 }), { mergePages: false }),
};

const pages = Number(process.argv[2] ?? '400');
const folder = await tempFolder();
const limits = {
  memoryMiB: 512,
  timeLimitMs: 120_000,
  maxCharacters: 100_000_000,
  idleMs: 600_000,
  children: 1,
  ocr: null,
  pdfToText: null,
};
const extractor = new TextExtractor(limits);
try {
  console.log('| format | pages | ours, pages/s | bare library, pages/s | ours : bare |');
  console.log('| --- | --- | --- | --- | --- |');
  for (const [format, bytes] of Object.entries(await booksOf(pages)) as [BookFormat, Uint8Array][]) {
    const path = join(folder.path, `book.${format}`);
    await writeFile(path, bytes);
    const ours: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      ours.push((await timed(() => read(path, format))).seconds);
      bare.push((await timed(() => BARE[format](bytes))).seconds);
    }
    const speeds = [pages / median(ours), pages / median(bare)] as const;
    const ratio = (speeds[1] / speeds[0]).toPrecision(3);
    console.log(`| ${format} | ${pages} | ${speeds.map((speed) => speed.toPrecision(3)).join(' | ')} | ${ratio} |`);
  }
} finally {
  await extractor.close();
  await folder.remove();
}
