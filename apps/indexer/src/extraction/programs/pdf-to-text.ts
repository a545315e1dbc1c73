import type { FileHandle } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { OpenedFile } from '@allibrary/library';
import PQueue from 'p-queue';
import type { ServedFile } from '../child/source-server.ts';
import { type Program, runProgram } from './program.ts';
import { openScratchFile } from './scratch-file.ts';

/** The standard input, opened anew: read as a stream, a file would be kept in memory whole. */
const INPUT = '/dev/stdin';
const OUTPUT = '-';
/** In the order in which the page draws it: the other modes drop hyphens at line ends, also those that belong to the word. */
const OPTIONS = ['-raw', '-enc', 'UTF-8'];
/** PDF readers accept this many bytes before the signature (ISO 32000-2, annex C, implementation note 13 of PDF 1.7). */
const SIGNATURE_BYTES = 1_024;
const SIGNATURE = '%PDF-';
/** What the program and its libraries map beyond the memory that they use. */
const CODE_MIB = 64;
const CPU_LIMIT_FACTOR = 2;
/** UTF-8 takes at most four bytes for a character, but a text of such characters alone has not been seen. */
const BYTES_PER_CHARACTER = 3;
/** Without its character maps poppler leaves out Chinese, Japanese and Korean letters. */
const LACKS_MAPS = /missing language pack|couldn't find .* CMap|unknown character collection/iu;

/** Limits of one run. */
export interface PdfToTextLimits {
  readonly memoryMiB: number;
  readonly timeLimitMs: number;
  readonly maxCharacters: number;
}

/** Reads PDFs with poppler's `pdftotext`, each in a confined process of its own. */
export class PdfToText {
  readonly #program: Program;
  readonly #limits: PdfToTextLimits;
  /** The folder for texts while they are read. */
  readonly #folder: string;
  readonly #queue = new PQueue({ concurrency: availableParallelism() });
  readonly #closing = new AbortController();

  constructor(program: Program, limits: PdfToTextLimits, folder: string) {
    this.#program = program;
    this.#limits = limits;
    this.#folder = folder;
  }

  /** Returns the text as an open file, each page ended by a form feed; null when the file is not a PDF, or the program can't read it. */
  async textOf(file: OpenedFile): Promise<ServedFile | null> {
    if (!(await isPdf(file))) return null;
    return (await this.#queue.add(() => this.#read(file))) ?? null;
  }

  /** Ends all runs. */
  close(): void {
    this.#closing.abort();
  }

  async #read({ handle: input }: OpenedFile): Promise<ServedFile | null> {
    let output: FileHandle | undefined;
    try {
      output = await openScratchFile(this.#folder);
      const { memoryMiB, timeLimitMs, maxCharacters } = this.#limits;
      const run = {
        args: [...OPTIONS, INPUT, OUTPUT],
        ...{ input: input.fd, output: output.fd, timeLimitMs },
        addressSpaceMiB: CODE_MIB + memoryMiB,
        cpuSeconds: Math.ceil((timeLimitMs / 1_000) * CPU_LIMIT_FACTOR),
        writtenBytes: maxCharacters * BYTES_PER_CHARACTER,
      };
      const { code, signal, stderr } = await runProgram(this.#program, run, this.#closing.signal);
      const isWhole = code === 0 && !LACKS_MAPS.test(stderr);
      const { size } = await output.stat();
      if ((isWhole || signal === 'SIGXFSZ') && size > 0) return { handle: output, sizeBytes: size };
    } catch {
      // The built-in readers take over.
    }
    await output?.close();
    return null;
  }
}

async function isPdf({ handle }: OpenedFile): Promise<boolean> {
  const start = Buffer.alloc(SIGNATURE_BYTES);
  await handle.read(start, 0, SIGNATURE_BYTES, 0);
  return start.includes(SIGNATURE);
}
