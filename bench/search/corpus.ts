/** Documents that nobody wrote, the same in each run: words as often as in a language (Zipf), no document twice. */

const SYLLABLES = 'ba ce di fo gu la me ni po ru sa te vi zo ka he li mo nu re sha the wi yo'.split(' ');
const VOCABULARY = 100_000;
/** The exponent of Zipf's law; about that of English. */
const EXPONENT = 1.05;
const WORDS = 300;
const BOOK_WORDS = 50_000;

/** Each of the documents has one of these. */
export const MEDIA_TYPES = ['application/pdf', 'application/epub+zip', 'text/html', 'text/plain'] as const;

/** A document of the corpus. */
export interface CorpusDocument {
  readonly name: string;
  readonly mediaType: string;
  readonly text: string;
}

/** How large a corpus is. */
export interface CorpusSize {
  readonly documents: number;
  readonly books: number;
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The word of a rank: 0 is the most frequent. Frequent words are short. */
export function wordOf(rank: number): string {
  let word = '';
  for (let rest = rank + SYLLABLES.length; rest > 0; rest = Math.floor(rest / SYLLABLES.length)) {
    word += SYLLABLES[rest % SYLLABLES.length];
  }
  return word;
}

/** The word that only one document has: beyond those that the others are made of. */
export const markOf = (document: number): string => wordOf(document * 7 + VOCABULARY);

/** The documents, one after the other; books stand among them at even distances. */
export function* corpusOf({ documents, books }: CorpusSize): Generator<CorpusDocument> {
  const random = randomOf(20_261_123);
  const everyBook = books === 0 ? Number.POSITIVE_INFINITY : Math.floor(documents / books);
  for (let n = 0; n < documents; n++) {
    const length = n % everyBook === everyBook - 1 ? BOOK_WORDS : WORDS;
    const words = Array.from({ length }, () => wordOf(rankOf(random())));
    words[Math.floor(length / 2)] = markOf(n);
    const mediaType = MEDIA_TYPES[n % MEDIA_TYPES.length] ?? 'text/plain';
    yield { mediaType, name: `${wordOf(rankOf(random()))}-${n}.txt`, text: words.join(' ') };
  }
}

/** A rank by Zipf's law, by inverting its integral. */
function rankOf(chance: number): number {
  const power = 1 - EXPONENT;
  return Math.floor((chance * (VOCABULARY ** power - 1) + 1) ** (1 / power)) - 1;
}
