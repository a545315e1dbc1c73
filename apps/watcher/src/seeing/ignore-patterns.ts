import ignore, { type Ignore } from 'ignore';

/** The package caches its result for every path. It is replaced after this many, or a million files would fill the memory. */
const MOST_CACHED = 10_000;

/** The files of a collection that its owner does not share, in .gitignore's syntax. */
export class IgnorePatterns {
  #rules: Ignore;
  #results = 0;

  constructor(readonly patterns: readonly string[]) {
    this.#rules = rulesOf(patterns);
  }

  /** The pattern by which a file is left out, by itself or with a folder that it lies in; null when none does. */
  patternFor(file: string): string | null {
    if (this.patterns.length === 0) return null;
    this.#results += 1;
    if (this.#results % MOST_CACHED === 0) this.#rules = rulesOf(this.patterns);
    return this.#rules.test(file).rule?.pattern ?? null;
  }

  /** The pattern by which a folder is left out with all that lies in it; null when none does. */
  patternForFolder(folder: string): string | null {
    return this.patternFor(`${folder}/`);
  }
}

const rulesOf = (patterns: readonly string[]): Ignore =>
  ignore({ allowRelativePaths: true, ignorecase: false }).add([...patterns]);
