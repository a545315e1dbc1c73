import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const INPUTS = [
  'package-lock.json',
  'tsconfig.base.json',
  'nx.json',
  'tools/{bundle,compile-ahead}.ts',
  '{apps,libs}/*/**',
];
const OUTPUTS = ['{apps,libs}/*/dist/**'];
/** Running programs add to what the build compiled. */
const GROWING = 'compile-cache';

/** Record of the last build's inputs and outputs: shows without a build whether one would change anything. */
export class BuildStamp {
  readonly #root: string;
  readonly #file: string;

  constructor(root: string) {
    this.#root = root;
    this.#file = join(root, '.cache', 'built-from');
  }

  /** The content of everything that a build reads. */
  inputs(): string {
    const hash = createHash('sha256');
    const isNoSource = (path: string) => ['dist', 'node_modules'].includes(basename(path));
    for (const path of this.#files(INPUTS, isNoSource))
      hash.update(`${path}\n`).update(readFileSync(join(this.#root, path)));
    return hash.digest('hex');
  }

  /** Whether a build of these inputs is there, whole. */
  isOf(inputs: string): boolean {
    return existsSync(this.#file) && readFileSync(this.#file, 'utf8') === this.#describe(inputs);
  }

  /** Notes that what is there was built from these inputs. */
  write(inputs: string): void {
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(this.#file, this.#describe(inputs));
  }

  #describe(inputs: string): string {
    const hash = createHash('sha256');
    const grows = (path: string) => basename(path) === GROWING;
    for (const path of this.#files(OUTPUTS, grows)) hash.update(`${path} ${statSync(join(this.#root, path)).size}\n`);
    return `${inputs} ${hash.digest('hex')}\n`;
  }

  #files(patterns: string[], exclude: (path: string) => boolean = () => false): string[] {
    const paths = globSync(patterns, { cwd: this.#root, exclude }).toSorted();
    return paths.filter((path) => statSync(join(this.#root, path)).isFile());
  }
}
