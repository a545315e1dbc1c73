import { WORD, fold } from '../extraction/text/words.ts';
import { identifiersIn, isIdentifierWord } from './identifiers.ts';
import type { SoughtPhrase, Spelling } from './query.ts';

/** A place in a text where a phrase stands. */
export interface FoundPhrase {
  readonly at: number;
  readonly length: number;
  /** Which of the sought phrases it is. */
  readonly phrase: number;
  /** The number of its first word in the text, and how many words it has there. */
  readonly word: number;
  readonly words: number;
}

interface Token {
  readonly at: number;
  readonly length: number;
  readonly folded: string;
}

interface Candidate extends Spelling {
  readonly phrase: number;
}

/** Finds phrases in texts as they were written, by the words that are compared. */
export class PhraseFinder {
  readonly #byFirstWord = new Map<string, Candidate[]>();
  readonly #beginnings: Candidate[] = [];
  readonly #phrases: readonly SoughtPhrase[];
  readonly #seeksIdentifiers: boolean;
  /** A text repeats its words, and folding is most of the work. */
  readonly #folded = new Map<string, string>();

  constructor(phrases: readonly SoughtPhrase[]) {
    this.#phrases = phrases;
    this.#seeksIdentifiers = phrases.some((phrase) => phrase.some(({ words }) => isIdentifierWord(words[0] ?? '')));
    for (const [phrase, spellings] of phrases.entries()) for (const each of spellings) this.#add({ ...each, phrase });
  }

  /** The phrases in a text, in order; of those that begin at one word, the first that was sought. */
  find(text: string): FoundPhrase[] {
    const tokens = this.#tokensOf(text);
    const found = tokens.flatMap((_, index) => this.#at(tokens, index) ?? []);
    return this.#seeksIdentifiers ? this.#withIdentifiers(text, found) : found;
  }

  /** Upper bound for the number of phrases in a text; much faster than finding them. */
  atMostIn(text: string): number {
    const folded = fold(text);
    return this.#phrases.filter((phrase) =>
      phrase.some(({ words: [first = ''] }) => isIdentifierWord(first) || folded.includes(first)),
    ).length;
  }

  #add(candidate: Candidate): void {
    const [first = ''] = candidate.words;
    if (candidate.isPrefix && candidate.words.length === 1) this.#beginnings.push(candidate);
    else this.#byFirstWord.set(first, [...(this.#byFirstWord.get(first) ?? []), candidate]);
  }

  #tokensOf(text: string): Token[] {
    return Array.from(text.matchAll(WORD), ({ 0: word, index: at }) => ({
      at,
      length: word.length,
      folded: this.#fold(word),
    }));
  }

  #fold(word: string): string {
    const known = this.#folded.get(word);
    if (known !== undefined) return known;
    const folded = fold(word);
    this.#folded.set(word, folded);
    return folded;
  }

  #at(tokens: readonly Token[], index: number): FoundPhrase | null {
    const first = tokens[index];
    if (!first) return null;
    const candidate =
      this.#byFirstWord.get(first.folded)?.find((each) => stands(each, tokens, index)) ??
      this.#beginnings.find(({ words }) => first.folded.startsWith(words[0] ?? ''));
    if (!candidate) return null;
    const { phrase, words } = candidate;
    const last = tokens[index + words.length - 1] ?? first;
    return { at: first.at, length: last.at + last.length - first.at, phrase, word: index, words: words.length };
  }

  #withIdentifiers(text: string, found: readonly FoundPhrase[]): FoundPhrase[] {
    const named = identifiersIn(text).flatMap(({ at, length, word }): FoundPhrase[] => {
      const phrase = this.#byFirstWord.get(word)?.[0]?.phrase;
      return phrase === undefined ? [] : [{ at, length, phrase, word: -1, words: 1 }];
    });
    return [...found, ...named].toSorted((a, b) => a.at - b.at);
  }
}

function stands({ words, isPrefix }: Spelling, tokens: readonly Token[], index: number): boolean {
  const last = words.length - 1;
  return words.every((word, at) => {
    const folded = tokens[index + at]?.folded ?? '';
    return isPrefix && at === last ? folded.startsWith(word) : folded === word;
  });
}
