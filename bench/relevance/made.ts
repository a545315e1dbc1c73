/** Kinds of documents of which Debian packages hold few: made from real ones, by Debian's programs. */
import { execFile } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import PDFDocument from 'pdfkit';

const run = promisify(execFile);

/** Pages of one scan. */
const SCAN_PAGES = 2;
/** Scans from one PDF, at even distances. */
const SCANS = 8;
const DOTS_PER_INCH = 200;
const A4_POINTS: [number, number] = [595, 842];

interface Made {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A file of Word or OpenDocument, which Pandoc makes from HTML. The cache keeps it beside the HTML. */
export async function convertedBy(pandoc: readonly string[], file: string, name: string): Promise<Made> {
  const to = `${file}.made.${name.split('.').at(-1)}`;
  if (!existsSync(to)) {
    const [program = '', data = '', lua = ''] = pandoc;
    const libraries = dirname(globSync(join(lua, 'usr/lib/*/liblua5.3.so.0'))[0] ?? '');
    const env = { ...process.env, LD_LIBRARY_PATH: libraries, pandoc_datadir: join(data, 'usr/share/pandoc') };
    const part = join(dirname(to), `part-${basename(to)}`);
    const args = ['-f', 'html', '-o', part, basename(file)];
    await run(join(program, 'usr/bin/pandoc'), args, { cwd: dirname(file), env });
    renameSync(part, to);
  }
  return { name, bytes: readFileSync(to) };
}

/** Pages of a PDF as pictures, some pages in each new PDF. The folder keeps them. */
export async function* scansOf(folder: string, pdf: Uint8Array, name: string): AsyncGenerator<Made> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  if (!existsSync(file)) writeFileSync(file, pdf);
  const { stdout } = await run('pdfinfo', [file]);
  const pages = Number(/^Pages:\s+(\d+)/mu.exec(stdout)?.[1]);
  for (let scan = 0; scan < SCANS; scan++) {
    const page = Math.floor(((scan + 0.5) * pages) / SCANS);
    const to = `${file.replace(/\.pdf$/u, '')}-${page}-scan.pdf`;
    if (!existsSync(to)) writeFileSync(to, await scanOf(file, page));
    yield { name: basename(to), bytes: readFileSync(to) };
  }
}

async function scanOf(file: string, first: number): Promise<Uint8Array> {
  const prefix = file.replace(/\.pdf$/u, '');
  const range = ['-f', String(first), '-l', String(first + SCAN_PAGES - 1)];
  await run('pdftoppm', [...range, '-jpeg', '-gray', '-r', String(DOTS_PER_INCH), file, prefix]);
  const pictures = globSync(`${prefix}-*.jpg`).toSorted();
  const scan = new PDFDocument({ autoFirstPage: false });
  for (const each of pictures) scan.addPage({ size: 'A4', margin: 0 }).image(each, 0, 0, { fit: A4_POINTS });
  scan.end();
  const bytes = await buffer(scan);
  for (const each of pictures) rmSync(each);
  return bytes;
}
