/** Recoll as a librarian would use it: `recollindex` on a folder, and `recollq`. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { timed } from '../measure.ts';
import { timesOf } from './processor-time.ts';

const run = promisify(execFile);

/** What an index has besides its folders. */
export interface RecollOptions {
  /** Further lines of its configuration. */
  readonly settings?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** An index of Recoll in a folder of its own. */
export class Recoll {
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;

  constructor(folder: string, library: string, { settings = '', environment = {} }: RecollOptions = {}) {
    this.#folder = folder;
    this.#environment = { ...process.env, ...environment };
    mkdirSync(folder, { recursive: true });
    const lines = `topdirs = ${library}\nloglevel = 2\nidxniceprio = 0\n${settings}`;
    writeFileSync(join(folder, 'recoll.conf'), lines);
  }

  /** Indexes the folder; returns how long it took and the CPU seconds of all its processes. */
  async index(): Promise<{ seconds: number; cpuSeconds: number }> {
    const before = timesOf(process.pid).others;
    const how = { maxBuffer: 64 << 20, env: this.#environment };
    const { seconds } = await timed(() => run('recollindex', ['-c', this.#folder], how));
    return { seconds, cpuSeconds: timesOf(process.pid).others - before };
  }

  /** The names of the files with a word. */
  search(word: string): string[] {
    const lines = execFileSync('recollq', ['-c', this.#folder, '-b', '-n', '1000', word], { encoding: 'utf8' });
    return lines
      .split('\n')
      .filter((line) => line.startsWith('file://'))
      .map((line) => decodeURIComponent(line.slice(line.lastIndexOf('/') + 1)));
  }
}
