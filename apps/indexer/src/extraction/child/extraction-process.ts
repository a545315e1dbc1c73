import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { dirname, sep } from 'node:path';
import { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { CoverQuestion, Question, RecognitionLimits } from '../extraction.ts';
import { spawnConfined } from '../programs/confinement.ts';
import { SOURCE_DESCRIPTOR } from './source-protocol.ts';
import { type ServedFile, SourceServer } from './source-server.ts';

const MIB = 1024 * 1024;
/** What Node 24 maps beyond the memory that it uses; `ulimit -v` counts both. */
const NODE_ADDRESS_SPACE_MIB = 1_040;
/** Each thread's own malloc arena would reserve another 64 MiB of address space, half a gigabyte in all. */
const ENVIRONMENT = { MALLOC_ARENA_MAX: '1' };
const WASM_PAGES_PER_MIB = 16;
/** What PDFium needs to draw a page small. */
const COVER_MIB = 128;
/** What the machine code of PDFium maps, and compiling it. */
const PDFIUM_CODE_MIB = 64;
/** What the machine code of PDFium and Tesseract maps, and compiling it. */
const OCR_CODE_MIB = 256;
const KEPT_STDERR_CHARACTERS = 4_096;
const OUT_OF_MEMORY = /out of memory|allocation failed|bad_alloc|cannot allocate/iu;
/** Ends the process when it can't know any more that its parent is gone, in an endless loop. */
const CPU_LIMIT_FACTOR = 4;

/** Signals that no defect of its own sends to a process. */
const OUTSIDE_SIGNALS = new Set<string>(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP']);

/** What a child process may use. */
export interface ProcessLimits {
  readonly memoryMiB: number;
  /** The time limit of one document. */
  readonly timeLimitMs: number;
  /** How texts in pictures are recognised, which has a time limit of its own; null when they are not. */
  readonly ocr: RecognitionLimits | null;
  /** The module that runs in the child. */
  readonly childModule: string;
}

/** How a child process ended, and by which signal or exit code. */
export interface ProcessEnd {
  readonly cause: 'out-of-memory' | 'killed' | 'crashed' | 'lying';
  readonly by: string;
}

/** A child process that extracts text, one document at a time. */
export class ExtractionProcess {
  readonly #child: ChildProcess;
  readonly #gone: Promise<unknown>;
  readonly #server: SourceServer | undefined;
  #stderr = '';
  #hasLied = false;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#gone = once(child, 'close').catch(() => {});
    child.on('error', () => {}); // without anybody who listens, a failed message would end this process too
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-KEPT_STDERR_CHARACTERS);
    });
    const socket = child.stdio[SOURCE_DESCRIPTOR];
    if (socket instanceof Duplex) this.#server = new SourceServer(socket, () => this.#endLiar());
  }

  /** Starts a child without this process's environment, and without the right to write, to spawn, or to open anything but its own code. */
  static start(limits: ProcessLimits): ExtractionProcess {
    const addressSpaceMiB = NODE_ADDRESS_SPACE_MIB + limits.memoryMiB + webAssemblyMiB(limits);
    const longestMs = Math.max(limits.timeLimitMs, limits.ocr?.timeLimitMs ?? 0);
    const cpuSeconds = Math.ceil((longestMs / 1_000) * CPU_LIMIT_FACTOR);
    const command = [process.execPath, ...nodeFlags(limits), limits.childModule];
    const child = spawnConfined(
      command,
      { addressSpaceMiB, cpuSeconds, writtenBytes: 0 },
      { env: ENVIRONMENT, stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'] },
    );
    return new ExtractionProcess(child);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Asks for a document; the answer is the messages that follow. The child may read these files until {@link finish}. */
  ask(question: Question | CoverQuestion, files: readonly (ServedFile | null)[]): void {
    this.#server?.serve(files);
    this.#child.send(question, () => {}); // a child that can't be asked ends, and that is noticed
  }

  /** Ends the child's access to the files of its question. */
  finish(): void {
    this.#server?.serve([]);
  }

  /** Listens to the messages and the end of the process, until the returned function is called. */
  listen(onMessage: (message: unknown) => void, onEnd: (end: ProcessEnd) => void): () => void {
    const ended = (): void => onEnd(this.#end());
    this.#child.on('message', onMessage).on('close', ended).on('error', ended);
    return () => void this.#child.off('message', onMessage).off('close', ended).off('error', ended);
  }

  /** Ends it now, whatever it does. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    if (this.#child.pid !== undefined) await this.#gone;
  }

  get hasEnded(): boolean {
    return this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #endLiar(): void {
    this.#hasLied = true;
    this.#child.kill('SIGKILL');
  }

  #end(): ProcessEnd {
    const { signalCode, exitCode } = this.#child;
    const by = signalCode ?? (exitCode === null ? 'it could not be started' : `exit code ${exitCode}`);
    if (this.#hasLied) return { cause: 'lying', by };
    if (OUT_OF_MEMORY.test(this.#stderr)) return { cause: 'out-of-memory', by };
    return { cause: signalCode && OUTSIDE_SIGNALS.has(signalCode) ? 'killed' : 'crashed', by };
  }
}

/** What one module of WebAssembly may take: Tesseract and PDFium half of a document's memory each, PDFium alone little for a cover. */
const moduleMiB = ({ ocr, memoryMiB }: ProcessLimits): number => (ocr ? Math.floor(memoryMiB / 2) : COVER_MIB);

/** All that its modules may ever take is reserved as address space, and what their machine code maps. */
const webAssemblyMiB = (limits: ProcessLimits): number =>
  limits.ocr ? OCR_CODE_MIB + 2 * moduleMiB(limits) : PDFIUM_CODE_MIB + moduleMiB(limits);

function nodeFlags(limits: ProcessLimits): string[] {
  const { memoryMiB, childModule, ocr } = limits;
  const code = [dirname(childModule), dirname(import.meta.dirname), ...packageFolders()];
  const readable = [...code, ...(ocr?.dataDir ? [ocr.dataDir] : [])];
  return [
    '--permission',
    ...readable.map((folder) => `--allow-fs-read=${folder}${sep}*`),
    '--disallow-code-generation-from-strings',
    '--no-warnings',
    `--max-old-space-size=${Math.ceil(memoryMiB * 0.75)}`,
    `--max-semi-space-size=${Math.min(16, Math.ceil(memoryMiB / 32))}`,
    // Without: guard regions of 8 GiB are tried for, in vain, and each try collects all garbage: a cover took 0.9 s instead of 0.1.
    '--disable-wasm-trap-handler',
    `--wasm-max-mem-pages=${moduleMiB(limits) * WASM_PAGES_PER_MIB}`,
  ];
}

/** The libraries that the child loads. */
export const LIBRARIES = [
  ...['unpdf', 'htmlparser2', 'yauzl', 'eld', 'chardet', 'file-type'],
  ...['tesseract.js-core', '@tesseract.js-data/eng', '@hyzyla/pdfium', 'jpeg-js', 'pngjs', 'image-size'],
  ...['postal-mime', 'omggif', '@cwasm/webp'],
];

/** The `node_modules` folders that hold the libraries of the child. */
function packageFolders(): string[] {
  const folders = LIBRARIES.map((library) => {
    const file = fileURLToPath(import.meta.resolve(library));
    return file.slice(0, file.lastIndexOf(`${sep}node_modules${sep}`) + `${sep}node_modules`.length);
  });
  return [...new Set(folders)];
}

/** The resident memory from which a child is replaced before it reads another document. */
export const outgrownBytes = (memoryMiB: number): number => (memoryMiB * MIB) / 2;
