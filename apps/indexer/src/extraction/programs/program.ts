import { accessSync, constants, globSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Confinement, spawnConfined } from './confinement.ts';

/** Each thread's own malloc arena would reserve another 64 MiB of address space. */
const ENVIRONMENT = { MALLOC_ARENA_MAX: '1', LC_ALL: 'C.UTF-8' };
const KEPT_STDERR_CHARACTERS = 16_384;
const BACKGROUND = ['nice', '-n', '19'];
/** The value of the setting that turns programs off. */
const NO_PROGRAMS = 'none';

/** A program of the system that reads documents. */
export interface Program {
  readonly path: string;
  /** The variables that it needs because it is not installed where it expects to be. */
  readonly environment: Readonly<Record<string, string>>;
}

/** How a run of a program ended. */
export interface ProgramEnd {
  /** Null when a signal ended it, or it could not be started. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** A run of a program: its arguments, its standard input and output, and its limits. */
export interface ProgramRun extends Confinement {
  readonly args: readonly string[];
  /** Descriptors of open files. */
  readonly input: number;
  readonly output: number;
  readonly timeLimitMs: number;
  /** Whether it runs at the lowest priority. */
  readonly isBackground?: boolean;
}

/**
 * Returns a program on the PATH, or in a folder that Debian's packages are unpacked into; null when it is missing, or the
 * place is `none`.
 */
export function findProgram(name: string, place: string | undefined, path = process.env['PATH'] ?? ''): Program | null {
  if (place === NO_PROGRAMS) return null;
  const folders =
    place === undefined ? path.split(delimiter).filter((folder) => folder !== '') : [join(place, 'usr', 'bin')];
  const file = folders.map((folder) => join(folder, name)).find(isExecutable);
  if (file === undefined) return null;
  return { path: file, environment: place === undefined ? {} : environmentOf(place) };
}

/** The variables for programs that are unpacked, not installed. */
function environmentOf(place: string): Record<string, string> {
  const libraries = globSync(join(place, '{usr/lib,lib}', '*-linux-*'));
  const [data] = globSync(join(place, 'usr', 'share', 'tesseract-ocr', '*', 'tessdata'));
  return { LD_LIBRARY_PATH: libraries.join(delimiter), ...(data === undefined ? {} : { TESSDATA_PREFIX: data }) };
}

/** Runs a program in a confined process; the signal kills it. Never rejects. */
export async function runProgram(program: Program, run: ProgramRun, signal: AbortSignal): Promise<ProgramEnd> {
  if (signal.aborted) return { code: null, signal: 'SIGKILL', stderr: '' };
  const command = [...(run.isBackground ? BACKGROUND : []), program.path, ...run.args];
  const child = spawnConfined(command, run, {
    env: { ...ENVIRONMENT, ...program.environment },
    stdio: [run.input, run.output, 'pipe'],
  });
  const ended = Promise.withResolvers<ProgramEnd>();
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-KEPT_STDERR_CHARACTERS);
  });
  child.on('error', (error) => ended.resolve({ code: null, signal: null, stderr: error.message }));
  child.on('close', (code, by) => ended.resolve({ code, signal: by, stderr }));
  const kill = (): void => void child.kill('SIGKILL');
  const timer = setTimeout(kill, run.timeLimitMs);
  signal.addEventListener('abort', kill, { once: true });
  try {
    return await ended.promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', kill);
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
