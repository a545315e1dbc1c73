import type { FileHandle } from 'node:fs/promises';
import type { OpenedFile } from '@allibrary/library';
import { type Program, type ProgramEnd, findProgram, runProgram } from '../extraction/programs/program.ts';
import { openScratchFile } from '../extraction/programs/scratch-file.ts';
import { type PageReading, readingOf } from './tesseract-tsv.ts';

/** Tesseract reads 300 dots an inch best. A page that is too large at that density is scaled to this longer side, in dots. */
const SIZES = [
  ['-r', '300'],
  ['-scale-to', '4800'],
];
const MAX_PICTURE_BYTES = 25_000_000;
/** A page of tiny letters makes a table of some 2 MB. */
const MAX_TABLE_BYTES = 16_000_000;
/** What the programs and their libraries map beyond the memory that they use. */
const CODE_MIB = 512;
const PAGE_CPU_SECONDS = 120;
/** At the lowest priority on a busy machine a page takes many times its processor time; it must not count as empty because of that. */
const PAGE_LIMIT_MS = 1_800_000;
/** Below this Tesseract reads letters into photographs and stains: such a page has no text. */
const LEAST_CONFIDENCE = 55;
/** Higher for a turned page: each further attempt is another chance to see letters in stains. */
const LEAST_CONFIDENCE_TURNED = 70;
/** Modes of page segmentation: as the page lies, and however it lies. */
const UPRIGHT = '3';
const TURNED = '1';
/** The head of a Portable Gray Map as `pdftoppm` writes it: its size, and the greatest value of a dot. */
const PGM_HEAD = /^P5\s\d+\s\d+\s\d+\s/u;
const HEAD_BYTES = 64;
const INPUT = '/dev/stdin';

/** The programs that recognise a page. */
export interface RecognitionPrograms {
  readonly pdftoppm: Program;
  readonly tesseract: Program;
}

/** Returns the programs on the PATH or in a folder, as {@link findProgram} does; null when one is missing. */
export function findRecognitionPrograms(place: string | undefined): RecognitionPrograms | null {
  const [pdftoppm, tesseract] = ['pdftoppm', 'tesseract'].map((name) => findProgram(name, place));
  return pdftoppm && tesseract ? { pdftoppm, tesseract } : null;
}

/** How pages are recognised. */
export interface PageRecognition {
  readonly languages: readonly string[];
  /** A folder with a `.traineddata` for each of them; null for the place where Tesseract looks. */
  readonly dataDir: string | null;
  readonly memoryMiB: number;
  /** The folder for pictures while they are read. */
  readonly folder: string;
}

/** Recognises pages of PDFs with native programs, each in a confined process of the lowest priority. */
export class PageRecogniser {
  readonly #programs: RecognitionPrograms;
  readonly #how: PageRecognition;

  constructor({ pdftoppm, tesseract }: RecognitionPrograms, how: PageRecognition) {
    // Pages are read side by side; threads within a page would only wait for each other.
    const environment = { ...tesseract.environment, OMP_THREAD_LIMIT: '1' };
    this.#programs = { pdftoppm, tesseract: { ...tesseract, environment } };
    this.#how = how;
  }

  /** Whether Tesseract has the data of the languages. */
  async hasLanguages(signal: AbortSignal): Promise<boolean> {
    const list = await this.#withScratch(async (output) => {
      const { code } = await this.#run('tesseract', ['--list-langs', ...this.#data()], output, output, signal);
      return code === 0 ? contentOf(output) : '';
    });
    const known = list.split('\n').map((line) => line.trim());
    return this.#how.languages.every((language) => known.includes(language));
  }

  /** Returns the text of a page, counted from 1; '' when none is read with enough confidence, or the page can't be read. */
  async textOf(file: OpenedFile, page: number, signal: AbortSignal): Promise<string> {
    for (const size of SIZES) {
      const text = await this.#withScratch(async (picture) => {
        const place = ['-gray', '-f', String(page), '-l', String(page), '-singlefile', INPUT];
        const { code } = await this.#run('pdftoppm', [...size, ...place], file.handle, picture, signal);
        return code === 0 ? this.#textIn(picture, signal) : null;
      });
      if (text !== null) return text;
    }
    return '';
  }

  async #textIn(picture: FileHandle, signal: AbortSignal): Promise<string> {
    const upright = await this.#read(picture, UPRIGHT, signal);
    if (upright.confidence >= LEAST_CONFIDENCE) return upright.text;
    const turned = await this.#read(picture, TURNED, signal);
    if (turned.confidence >= LEAST_CONFIDENCE_TURNED) return turned.text;
    await turnUpsideDown(picture); // it needs about fifty letters to tell how a page lies
    const reversed = await this.#read(picture, UPRIGHT, signal);
    return reversed.confidence >= LEAST_CONFIDENCE_TURNED ? reversed.text : '';
  }

  async #read(picture: FileHandle, mode: string, signal: AbortSignal): Promise<PageReading> {
    const args = [INPUT, 'stdout', '-l', this.#how.languages.join('+'), '--psm', mode, ...this.#data(), 'tsv'];
    return this.#withScratch(async (table) => {
      const { code } = await this.#run('tesseract', args, picture, table, signal);
      return code === 0 ? readingOf(await contentOf(table)) : { text: '', confidence: 0 };
    });
  }

  #data(): string[] {
    return this.#how.dataDir === null ? [] : ['--tessdata-dir', this.#how.dataDir];
  }

  #run(
    name: keyof RecognitionPrograms,
    args: readonly string[],
    input: FileHandle,
    output: FileHandle,
    signal: AbortSignal,
  ): Promise<ProgramEnd> {
    const run = {
      ...{ args, input: input.fd, output: output.fd, timeLimitMs: PAGE_LIMIT_MS, isBackground: true },
      addressSpaceMiB: CODE_MIB + this.#how.memoryMiB,
      cpuSeconds: PAGE_CPU_SECONDS,
      writtenBytes: name === 'pdftoppm' ? MAX_PICTURE_BYTES : MAX_TABLE_BYTES,
    };
    return runProgram(this.#programs[name], run, signal);
  }

  async #withScratch<T>(work: (file: FileHandle) => Promise<T>): Promise<T> {
    const file = await openScratchFile(this.#how.folder);
    try {
      return await work(file);
    } finally {
      await file.close();
    }
  }
}

/** Turns a picture in place: its dots are one byte each. */
async function turnUpsideDown(picture: FileHandle): Promise<void> {
  const bytes = await bytesOf(picture);
  const head = PGM_HEAD.exec(bytes.toString('latin1', 0, HEAD_BYTES))?.[0].length;
  if (head === undefined) return;
  bytes.subarray(head).reverse();
  await picture.write(bytes, 0, bytes.length, 0);
}

const contentOf = async (file: FileHandle): Promise<string> => (await bytesOf(file)).toString('utf8');

/** The position of the handle is where a program stopped writing. */
async function bytesOf(file: FileHandle): Promise<Buffer> {
  const bytes = Buffer.alloc((await file.stat()).size);
  await file.read(bytes, 0, bytes.length, 0);
  return bytes;
}
