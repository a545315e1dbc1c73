import ignore, { type Ignore } from 'ignore';

/** The library remembers its answer for every path; after so many answers it is made anew, or a million files fill the memory. */
const MOST_REMEMBERED = 10_000;

/** The files of a collection that its owner does not share, in .gitignore's syntax. */
export class IgnorePatterns {
  #rules: Ignore;
  #answers = 0;

  constructor(readonly patterns: readonly string[]) {
    this.#rules = rulesOf(patterns);
  }

  /** The pattern by which a file is left out, by itself or with a folder that it lies in; null when none does. */
  patternFor(file: string): string | null {
    if (this.patterns.length === 0) return null;
    this.#answers += 1;
    if (this.#answers % MOST_REMEMBERED === 0) this.#rules = rulesOf(this.patterns);
    return this.#rules.test(file).rule?.pattern ?? null;
  }

  /** The pattern by which a folder is left out with all that lies in it; null when none does. */
  patternForFolder(folder: string): string | null {
    return this.patternFor(`${folder}/`);
  }
}

const rulesOf = (patterns: readonly string[]): Ignore =>
  ignore({ allowRelativePaths: true, ignorecase: false }).add([...patterns]);
