import { extname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { OpenedFile } from '@allibrary/library';
import type { Usage } from './answers.ts';
import { CoverAnswer } from './cover-answer.ts';
import type { CoverQuestion, Extraction, Question } from '../extraction.ts';
import { ExtractionProcess, type ProcessLimits, outgrownBytes } from './extraction-process.ts';
import { type AskingEnd, type Outcome, PiecedText } from './pieced-text.ts';
import type { PdfToText } from '../programs/pdf-to-text.ts';
import type { ServedFile } from './source-server.ts';

const PIECE_CHARACTERS = 256 * 1024;
/** A cover that takes longer is not worth it. */
const COVER_LIMIT_MS = 10_000;
/** While a large library is read, a cover is drawn at least this often. */
const COVER_PATIENCE_MS = 5_000;
const COVER_POLL_MS = 50;
/** Long-lived processes collect what parsers leak. */
const MAX_DOCUMENTS = 200;

/** How text is extracted. */
export interface TextExtractorOptions extends Omit<ProcessLimits, 'childModule'> {
  /** How many documents are read at once. */
  readonly children: number;
  readonly maxCharacters: number;
  /** Time after which an idle child is ended. */
  readonly idleMs: number;
  readonly childModule?: string;
  /** Reads PDFs before a child does; null where only the child can. */
  readonly pdfToText: PdfToText | null;
  /** Called after each file, read or not, with its media type as far as it is known and the time it took. */
  readonly onRead?: (mediaType: string, durationMs: number) => void;
}

/** A file whose text is wanted; whoever opened it closes it afterwards. */
export interface TextFile {
  readonly file: OpenedFile;
  /** As the file's name suggests. */
  readonly mediaType: string;
  /** The file beside it that describes it; null when there is none. */
  readonly sidecar: { readonly name: string; readonly file: OpenedFile } | null;
  /** The texts that OCR has found on its pages; null when there are none. */
  readonly recognised?: ServedFile | null;
}

/** The extractor is being closed: the document is to be read another time. */
export class ExtractorClosed extends Error {
  override readonly name = 'ExtractorClosed';
}

type Ended = { readonly end: AskingEnd };

/** A question, and the files that the child may read for it. */
interface Asked {
  readonly question: Question | CoverQuestion;
  readonly files: readonly (ServedFile | null)[];
}

/** Puts the messages of an answer together. */
interface Listener<O> {
  /** The outcome when the message was the last. */
  take(message: unknown): O | null;
  readonly isRecognising: boolean;
}

/** One of the places for a child process. */
interface Desk {
  process: ExtractionProcess | null;
  documents: number;
  idle: NodeJS.Timeout | undefined;
}

/** Extracts texts in child processes with capped memory and time, so that no document can harm this process. */
export class TextExtractor {
  readonly #options: TextExtractorOptions & ProcessLimits;
  readonly #desks: Desk[];
  readonly #free: Desk[];
  readonly #waiting: PromiseWithResolvers<Desk>[] = [];
  /** Number of texts that are being read or wait for it. */
  #texts = 0;
  #closed = false;

  constructor(options: TextExtractorOptions) {
    // Beside this file and of its kind: TypeScript in tests, JavaScript in the built service.
    const childModule = join(import.meta.dirname, `child${extname(import.meta.filename)}`);
    this.#options = { childModule, ...options };
    this.#desks = Array.from({ length: options.children }, () => ({ process: null, documents: 0, idle: undefined }));
    this.#free = [...this.#desks];
  }

  /** How many child processes there are now. */
  get processes(): number {
    return this.#desks.filter(({ process }) => process && !process.hasEnded).length;
  }

  /** Extracts one file's text; rejects with {@link ExtractorClosed}, and when the file can't be read from its disk. */
  async extract(file: TextFile): Promise<Extraction> {
    if (this.#closed) throw closed();
    this.#texts += 1;
    let pdfText: ServedFile | null = null;
    try {
      pdfText = (await this.#options.pdfToText?.textOf(file.file)) ?? null;
      return await this.#extractWith(pdfText, file);
    } finally {
      this.#texts -= 1;
      await pdfText?.handle.close();
    }
  }

  async #extractWith(pdfText: ServedFile | null, file: TextFile): Promise<Extraction> {
    const desk = await this.#takeDesk();
    try {
      const isFresh = desk.documents === 0 || desk.process?.hasEnded === true;
      const outcome = await this.#read(desk, file, pdfText);
      const isSuspect = 'end' in outcome && mayBeInnocent(outcome.end, isFresh);
      const retried = isSuspect ? await this.#read(desk, file, pdfText) : outcome;
      // Half of an old file and half of a new one would be unreadable for no fault of its own.
      if (await hasChanged(file.file)) return { kind: 'changed' };
      if ('extraction' in retried) return retried.extraction;
      return { kind: 'problem', problem: this.#sentence(retried.end), problemCode: 'unreadable' };
    } finally {
      this.#release(desk);
    }
  }

  /** Draws a small JPEG of a file's cover, whose media type is by its bytes; null when there is none. Rejects as {@link extract}. */
  async cover({ file, mediaType }: Omit<TextFile, 'sidecar'>): Promise<Buffer | null> {
    const desk = await this.#takeDesk();
    try {
      const served = servedFile(file);
      const question = { wanted: 'cover', mediaType, sizeBytes: served.sizeBytes } as const;
      const outcome = await this.#ask(desk, { question, files: [served] }, new CoverAnswer());
      return 'cover' in outcome && !(await hasChanged(file)) ? outcome.cover : null;
    } finally {
      this.#release(desk);
    }
  }

  /** Ends all children; what they were reading is rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#options.pdfToText?.close();
    for (const waiting of this.#waiting.splice(0)) waiting.reject(closed());
    await Promise.all(this.#desks.map(clear));
  }

  /** Waits until no text is being read, at most a few seconds. */
  async untilTextsAreRead(): Promise<void> {
    const until = performance.now() + COVER_PATIENCE_MS;
    while (this.#texts > 0 && performance.now() < until && !this.#closed) await delay(COVER_POLL_MS);
  }

  async #takeDesk(): Promise<Desk> {
    if (this.#closed) throw closed();
    const free = this.#free.pop();
    if (free) return free;
    const waiting = Promise.withResolvers<Desk>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  #release(desk: Desk): void {
    const next = this.#waiting.shift();
    if (next) return next.resolve(desk);
    this.#free.push(desk);
    if (!desk.process) return;
    desk.idle = setTimeout(() => void clear(desk), this.#options.idleMs).unref();
  }

  async #read(
    desk: Desk,
    { file, mediaType, sidecar, recognised = null }: TextFile,
    pdfText: ServedFile | null,
  ): Promise<Outcome> {
    const { maxCharacters, ocr, onRead } = this.#options;
    const startedAt = performance.now();
    const files = [servedFile(file), sidecar && servedFile(sidecar.file), pdfText, recognised];
    const question: Question = {
      wanted: 'text',
      ...{ mediaType, sizeBytes: file.stats.size, maxCharacters, ocr, pieceCharacters: PIECE_CHARACTERS },
      pdfTextBytes: pdfText && pdfText.sizeBytes,
      recognisedBytes: recognised && recognised.sizeBytes,
      sidecar: sidecar && { name: sidecar.name, sizeBytes: sidecar.file.stats.size },
    };
    const outcome = await this.#ask(desk, { question, files }, new PiecedText(maxCharacters));
    onRead?.(mediaTypeIn(outcome) ?? mediaType, performance.now() - startedAt);
    return outcome;
  }

  async #ask<O extends object>(desk: Desk, asked: Asked, listener: Listener<O>): Promise<O | Ended> {
    clearTimeout(desk.idle);
    if (desk.process?.hasEnded) await clear(desk);
    if (this.#closed) throw closed();
    desk.process ??= ExtractionProcess.start(this.#options);
    desk.documents += 1;
    const outcome = await this.#exchange(desk.process, asked, listener);
    if (this.#closed) throw closed();
    if (!('usage' in outcome) || this.#isWornOut(desk, outcome.usage as Usage)) await clear(desk);
    return outcome;
  }

  #exchange<O>(process: ExtractionProcess, { question, files }: Asked, listener: Listener<O>): Promise<O | Ended> {
    const { timeLimitMs, ocr } = this.#options;
    let isProlonged = false;
    const answered = Promise.withResolvers<O | Ended>();
    const limited = (limitMs: number): NodeJS.Timeout =>
      setTimeout(() => answered.resolve({ end: { cause: 'too-slow', limitMs } }), limitMs);
    const onMessage = (message: unknown): void => {
      const outcome = listener.take(message);
      if (outcome) return answered.resolve(outcome);
      if (!listener.isRecognising || !ocr || isProlonged) return;
      isProlonged = true;
      clearTimeout(timer);
      timer = limited(ocr.timeLimitMs);
    };
    const unlisten = process.listen(onMessage, (end) => answered.resolve({ end }));
    let timer = limited(question.wanted === 'cover' ? Math.min(timeLimitMs, COVER_LIMIT_MS) : timeLimitMs);
    process.ask(question, files);
    return answered.promise.finally(() => {
      process.finish();
      clearTimeout(timer);
      unlisten();
    });
  }

  #isWornOut({ documents }: Desk, { residentBytes, cpuMs, isWornOut }: Usage): boolean {
    const { memoryMiB, timeLimitMs } = this.#options;
    return isWornOut || documents >= MAX_DOCUMENTS || residentBytes > outgrownBytes(memoryMiB) || cpuMs > timeLimitMs;
  }

  #sentence(end: AskingEnd): string {
    switch (end.cause) {
      case 'too-slow':
        return `its text could not be extracted within ${end.limitMs / 1_000} s`;
      case 'out-of-memory':
        return `extracting its text needs more than ${this.#options.memoryMiB} MiB of memory`;
      case 'killed':
        return `the process that extracted its text was killed twice (${end.by})`;
      case 'crashed':
        return `the process that extracted its text crashed (${end.by})`;
      case 'lying':
        return 'the process that extracted its text answered nonsense and was ended';
    }
  }
}

/** Whether the end of a child says nothing about the document: somebody killed it, or an earlier document may have spoilt it. */
const mayBeInnocent = ({ cause }: AskingEnd, isFresh: boolean): boolean =>
  cause === 'killed' || (!isFresh && (cause === 'crashed' || cause === 'out-of-memory'));

const servedFile = ({ handle, stats }: OpenedFile): ServedFile => ({ handle, sizeBytes: stats.size });

/** Whether somebody has written to the file since it was opened. */
async function hasChanged({ handle, stats }: OpenedFile): Promise<boolean> {
  const { size, mtimeMs } = await handle.stat();
  return size !== stats.size || mtimeMs !== stats.mtimeMs;
}

const mediaTypeIn = (outcome: Outcome): string | undefined =>
  'extraction' in outcome && 'mediaType' in outcome.extraction ? outcome.extraction.mediaType : undefined;

const closed = (): ExtractorClosed => new ExtractorClosed('The text extractor is closed.');

async function clear(desk: Desk): Promise<void> {
  clearTimeout(desk.idle);
  const { process } = desk;
  desk.process = null;
  desk.documents = 0;
  await process?.kill();
}
