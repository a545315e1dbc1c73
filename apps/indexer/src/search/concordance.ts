import type { SoughtPhrase, Spelling } from './query.ts';

/** Collects the words of a long text with the passages that hold them, so that a search reads only those passages. */
export class ConcordanceWriter {
  readonly #passages = new Map<string, number[]>();

  /** Adds the words of the next passage. */
  add(passage: number, words: Iterable<string>): void {
    for (const word of words) {
      const passages = this.#passages.get(word);
      if (!passages) this.#passages.set(word, [passage]);
      else if (passages.at(-1) !== passage) passages.push(passage);
    }
  }

  /** One line for each word, with the numbers of its passages. */
  toString(): string {
    const lines = [...this.#passages].map(([word, passages]) => `${word} ${passages.join(',')}`);
    return `\n${lines.join('\n')}\n`;
  }
}

/** Reads what {@link ConcordanceWriter} wrote. */
export class Concordance {
  readonly #lines: string;

  constructor(lines: string) {
    this.#lines = lines;
  }

  /** The passages that may hold some of the phrases: those with most of them first, then those with the rarer ones. */
  passagesWith(phrases: readonly SoughtPhrase[]): number[] {
    const scores = new Map<number, number>();
    for (const phrase of phrases) {
      const passages = new Set(phrase.flatMap((spelling) => [...this.#passagesOf(spelling)]));
      const rarity = 1 / (1 + phrases.length) / (1 + passages.size); // the sum over all phrases is less than one phrase counts
      const score = 1 + rarity;
      for (const passage of passages) scores.set(passage, (scores.get(passage) ?? 0) + score);
    }
    return [...scores].toSorted(([a, one], [b, other]) => other - one || a - b).map(([passage]) => passage);
  }

  #passagesOf({ words, isPrefix }: Spelling): Set<number> {
    const last = words.length - 1;
    const [first = new Set<number>(), ...others] = words.map(
      (word, at) => new Set(this.#passagesOfWord(word, isPrefix && at === last)),
    );
    return new Set([...first].filter((passage) => others.every((each) => each.has(passage))));
  }

  *#passagesOfWord(word: string, isPrefix: boolean): Generator<number> {
    const sought = `\n${word}${isPrefix ? '' : ' '}`;
    for (let at = this.#lines.indexOf(sought); at >= 0; at = this.#lines.indexOf(sought, at + 1)) {
      const end = this.#lines.indexOf('\n', at + 1);
      for (const passage of this.#lines.slice(this.#lines.indexOf(' ', at) + 1, end).split(',')) yield Number(passage);
    }
  }
}
