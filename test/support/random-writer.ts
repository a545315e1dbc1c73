/** A writer that adds, rewrites, renames, copies and removes files as a seed decides, and knows what there is in the end. */
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { mulberry32 } from './random.ts';

type Deed = 'add' | 'rewrite' | 'rename' | 'copy' | 'remove';

const DEEDS: readonly Deed[] = ['add', 'add', 'add', 'rewrite', 'rewrite', 'rename', 'rename', 'copy', 'remove'];

/** Writes into one folder of a library; all names and texts follow from the seed. */
export class RandomWriter {
  /** The text of each file by its path in the library. */
  readonly texts = new Map<string, string>();
  /** The word by which each text that was ever written is found; no two texts share one. */
  readonly words: string[] = [];
  readonly #random: () => number;
  #names = 0;

  constructor(
    private readonly library: string,
    private readonly seed: number,
  ) {
    this.#random = mulberry32(seed);
  }

  /** The folder of the library in which everything is written. */
  get folder(): string {
    return `seed-${this.seed}/`;
  }

  /** A whole number from 0 up to, and without, the limit. */
  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  /** Does the next thing. */
  async act(): Promise<void> {
    const deed = this.texts.size < 3 ? 'add' : (DEEDS[this.below(DEEDS.length)] ?? 'add');
    const path = [...this.texts.keys()][this.below(this.texts.size)] ?? '';
    switch (deed) {
      case 'add':
        return this.#write(this.#newPath());
      case 'rewrite':
        return this.#write(path);
      case 'rename':
        return this.#rename(path, this.#newPath());
      case 'copy':
        return this.#copy(path, this.#newPath());
      case 'remove':
        this.texts.delete(path);
        return rm(join(this.library, path));
    }
  }

  async #write(path: string): Promise<void> {
    const word = `word${this.seed}x${this.words.length}e`; // none is the beginning of another
    const text = `${word} ${'lorem ipsum '.repeat(this.below(2_000))}`;
    this.words.push(word);
    this.texts.set(path, text);
    await mkdir(join(this.library, dirname(path)), { recursive: true });
    await writeFile(join(this.library, path), text);
  }

  async #rename(from: string, to: string): Promise<void> {
    this.texts.set(to, this.texts.get(from) ?? '');
    this.texts.delete(from);
    await mkdir(join(this.library, dirname(to)), { recursive: true });
    await rename(join(this.library, from), join(this.library, to));
  }

  async #copy(from: string, to: string): Promise<void> {
    this.texts.set(to, this.texts.get(from) ?? '');
    await mkdir(join(this.library, dirname(to)), { recursive: true });
    await copyFile(join(this.library, from), join(this.library, to));
  }

  #newPath(): string {
    const folder = ['', 'a/', 'a/b/', 'c/'][this.below(4)] ?? '';
    return `${this.folder}${folder}file-${this.#names++}.txt`;
  }
}
