/** Recoll as a librarian would use it: `recollindex` on a folder, and `recollq`. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { timed } from '../measure.ts';
import { timesOf } from './processor-time.ts';

const run = promisify(execFile);

/** An index of Recoll in a folder of its own. */
export class Recoll {
  readonly #folder: string;

  constructor(folder: string, library: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'recoll.conf'), `topdirs = ${library}\nloglevel = 2\nidxniceprio = 0\n`);
  }

  /** Indexes the folder; returns how long it took and the CPU seconds of all its processes. */
  async index(): Promise<{ seconds: number; cpuSeconds: number }> {
    const before = timesOf(process.pid).others;
    const { seconds } = await timed(() => run('recollindex', ['-c', this.#folder], { maxBuffer: 64 << 20 }));
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
