import type { FileHandle } from 'node:fs/promises';
import type { OpenedFile } from '@allibrary/library';
import { type Program, type ProgramEnd, runProgram } from '../extraction/programs/program.ts';
import { openScratchFile } from '../extraction/programs/scratch-file.ts';
import { type PageReading, readingOf } from './tesseract-tsv.ts';

/** What Tesseract reads best. */
const DOTS_PER_INCH = '300';
/** The longer side of a page that is too large at that density, in dots. */
const MOST_DOTS = '4800';
const MAX_PICTURE_BYTES = 25_000_000;
/** A page of tiny letters makes a table of some 2 MB. */
const MAX_TABLE_BYTES = 16_000_000;
/** What the programs and their libraries map beyond the memory that they use. */
const CODE_MIB = 512;
const PAGE_LIMIT_MS = 120_000;
/** Below this Tesseract reads letters into photographs and stains: such a page has no text. */
const LEAST_CONFIDENCE = 55;
/** A page that is turned must be surer: it is another chance to see letters in stains. */
const LEAST_CONFIDENCE_TURNED = 70;
/** Modes of page segmentation: as the page lies, and however it lies. */
const [UPRIGHT, TURNED] = ['3', '1'];
const INPUT = '/dev/stdin';

/** The programs that recognise a page. */
export interface RecognitionPrograms {
  readonly pdftoppm: Program;
  readonly tesseract: Program;
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

/** Recognises pages of PDFs with native programs, each in a confined process of low priority. */
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

  /** Returns the text of a page, counted from 1; '' when it has none to be sure of, or can't be read. */
  async textOf(file: OpenedFile, page: number, signal: AbortSignal): Promise<string> {
    return this.#withScratch(async (picture) => {
      if (!(await this.#draw(file, page, picture, signal))) return '';
      const upright = await this.#read(picture, UPRIGHT ?? '', signal);
      if (upright.confidence >= LEAST_CONFIDENCE) return upright.text;
      const turned = await this.#read(picture, TURNED ?? '', signal);
      return turned.confidence >= LEAST_CONFIDENCE_TURNED ? turned.text : '';
    });
  }

  async #draw({ handle }: OpenedFile, page: number, picture: FileHandle, signal: AbortSignal): Promise<boolean> {
    const place = ['-gray', '-f', String(page), '-l', String(page), '-singlefile', INPUT];
    for (const size of [
      ['-r', DOTS_PER_INCH],
      ['-scale-to', MOST_DOTS],
    ]) {
      await picture.truncate(0);
      const { code } = await this.#run('pdftoppm', [...size, ...place], handle, picture, signal);
      if (code === 0 && (await picture.stat()).size > 0) return true;
    }
    return false;
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
      cpuSeconds: PAGE_LIMIT_MS / 1_000,
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

/** The position of the handle is where the program stopped writing. */
async function contentOf(file: FileHandle): Promise<string> {
  const bytes = Buffer.alloc((await file.stat()).size);
  await file.read(bytes, 0, bytes.length, 0);
  return bytes.toString('utf8');
}
