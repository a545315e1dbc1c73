import { TextDecoder } from 'node:util';
import { analyse } from 'chardet';
import { sequenceAt } from './utf8.ts';

/** A guess at an encoding that is surer than this is better than Windows-1252. */
const TELLING_PERCENT = 30;
/** A guess that is surer than this needs no second opinion. */
const CERTAIN_PERCENT = 90;
/** What the words of a text tell apart; ahead are those that are more common. */
const WORDLIKE = [
  'windows-1251',
  'windows-1250',
  'windows-1252',
  'ibm866',
  'koi8-r',
  'koi8-u',
  'iso-8859-2',
  'iso-8859-5',
  'macintosh',
  'x-mac-cyrillic',
];
/** Another encoding must make so many more words of the bytes. */
const LEAST_ADVANTAGE = 0.05;
const SAMPLE_BYTES = 64 * 1024;
const MAX_LINE_BYTES = 4 * 1024;
/** Fewer letters than this look like Thai by chance. */
const LEAST_LETTERS = 6;
const BYTE_ORDER_MARKS: ReadonlyArray<readonly [encoding: string, bytes: readonly number[]]> = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/** The encoding that a byte order mark names. */
export const markedEncoding = (start: Uint8Array): string | null =>
  BYTE_ORDER_MARKS.find(([, mark]) => mark.every((byte, at) => start[at] === byte))?.[0] ?? null;

/** The WHATWG name of an encoding; null when nobody knows it. */
export function knownEncoding(label: string | null | undefined): string | null {
  try {
    return label ? new TextDecoder(label).encoding : null;
  } catch {
    return null;
  }
}

/** No text holds NUL, and hardly any a control character other than white space and the terminal's escape. */
export function isBinary(start: Uint8Array): boolean {
  if (markedEncoding(start) || unmarkedUtf16(start)) return false;
  let controls = 0;
  for (const byte of start) if (byte < 0x09 || (byte > 0x0d && byte < 0x20 && byte !== 0x1b)) controls += 1;
  return start.includes(0) || controls > start.length / 20;
}

/** The byte order of UTF-16 without a mark; null when the bytes are something else. */
export function unmarkedUtf16(start: Uint8Array): string | null {
  const sample = start.subarray(0, Math.min(SAMPLE_BYTES, start.length - (start.length % 2)));
  return ['utf-16le', 'utf-16be'].find((encoding) => isUtf16(sample, encoding)) ?? null;
}

/** White space and punctuation of Latin and East Asian texts: each text has some, chance has hardly any. */
const COMMON_SIGNS = /[ \n.,\u3000-\u3002\uFF0C]/gu;
const NO_TEXT = /[\p{Cn}\p{Co}\p{Cs}\uFFFD]|[\p{Cc}--[\t-\r]]/v;
const LEAST_COMMON = 0.01;

function isUtf16(sample: Uint8Array, encoding: string): boolean {
  if (sample.length < 4) return false;
  const isCut = sample.length === SAMPLE_BYTES; // perhaps within a pair of surrogates
  const text = new TextDecoder(encoding).decode(isCut ? sample.subarray(0, -2) : sample, { stream: isCut });
  const signs = text.match(COMMON_SIGNS)?.length ?? 0;
  return !NO_TEXT.test(text) && signs >= Math.max(1, text.length * LEAST_COMMON) && isInFewScripts(text);
}

/** Bytes of another encoding, taken two by two, are letters of all scripts. */
function isInFewScripts(text: string): boolean {
  const rows = new Set<number>();
  for (let at = 0; at < text.length; at++) rows.add(text.charCodeAt(at) >> 8);
  const ideographs = [...rows].filter((row) => row >= 0x34).length;
  return rows.size - ideographs <= 12 && (ideographs === 0 || /[\u3000-\u30FF\uAC00-\uD7A3\uFF0C]/u.test(text));
}

/** Looks through the bytes of a text that is not faultless UTF-8, and guesses what it is written in. */
export class EncodingSurvey {
  readonly #sample: Uint8Array[] = [];
  #sampled = 0;
  #validBytes = 0;
  #invalidBytes = 0;

  /** Takes the next bytes; they are not kept. */
  add(chunk: Uint8Array): void {
    this.#count(chunk);
    this.#takeSample(chunk);
  }

  /** Null for UTF-8 with faults. */
  get encoding(): string | null {
    // By chance, bytes of other encodings are seldom two valid ones in a row.
    if (this.#validBytes >= 2 * this.#invalidBytes) return null;
    return likelyEncoding(Buffer.concat(this.#sample));
  }

  #count(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      const length = sequenceAt(chunk, at);
      if (length > 1) this.#validBytes += length;
      if (length === 0) this.#invalidBytes += 1;
      at += Math.max(1, length);
    }
  }

  /** Lines that say something of the encoding, each from the beginning of a word. */
  #takeSample(chunk: Uint8Array): void {
    for (let line = 0; line < chunk.length && this.#sampled < SAMPLE_BYTES; ) {
      const newline = chunk.indexOf(0x0a, line);
      const end = newline < 0 ? chunk.length : newline + 1;
      const telling = chunk.subarray(line, end).findIndex((byte) => byte >= 0x80);
      if (telling >= 0) {
        const from = chunk.lastIndexOf(0x20, line + telling) + 1;
        const taken = chunk.slice(Math.max(line, from), Math.min(end, line + telling + MAX_LINE_BYTES));
        this.#sample.push(taken);
        this.#sampled += taken.length;
      }
      line = end;
    }
  }
}

/** The encoding that bytes look like; Windows-1252 when they are too few to tell. */
function likelyEncoding(sample: Buffer): string {
  const guesses = analyse(sample).flatMap(({ name, confidence }) => {
    const encoding = knownEncoding(name);
    return encoding === null || encoding === 'utf-8' ? [] : [{ encoding, confidence }];
  });
  const [best] = guesses;
  if (best && best.confidence >= CERTAIN_PERCENT) return best.encoding;
  if (isThai(sample)) return 'windows-874';
  const isGuessed = best !== undefined && best.confidence >= TELLING_PERCENT;
  if (isGuessed && !WORDLIKE.includes(best.encoding)) return best.encoding;
  const likely = guesses.map(({ encoding }) => encoding).filter((encoding) => WORDLIKE.includes(encoding));
  return mostWordlike(sample, [...(isGuessed ? [] : ['windows-1252']), ...likely, ...WORDLIKE]);
}

/** The first of the encodings in which no other one makes better words of the bytes. */
function mostWordlike(sample: Buffer, encodings: readonly string[]): string {
  let best = { encoding: 'windows-1252', likeness: 0 };
  for (const encoding of new Set(encodings)) {
    const likeness = wordLikeness(new TextDecoder(encoding).decode(sample));
    if (likeness > best.likeness + LEAST_ADVANTAGE) best = { encoding, likeness };
  }
  return best.encoding;
}

const isAsciiLetter = (byte: number): boolean => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
const isThaiConsonant = (byte: number): boolean => byte >= 0xa1 && byte <= 0xce;
const isThaiMark = (byte: number): boolean =>
  byte === 0xd1 || (byte >= 0xd4 && byte <= 0xda) || (byte >= 0xe7 && byte <= 0xee);
const isThaiLeadingVowel = (byte: number): boolean => byte >= 0xe0 && byte <= 0xe4;

/**
 * Whether bytes are spelled as Thai is: marks follow letters, and letters follow the vowels that are written before them,
 * and no Latin letter stands beside one.
 */
function isThai(sample: Uint8Array): boolean {
  let [letters, faults] = [0, 0];
  for (const [at, byte] of sample.entries()) {
    if (byte < 0x80) continue;
    const before = sample[at - 1] ?? 0;
    letters += 1;
    if (isAsciiLetter(before) || isAsciiLetter(sample[at + 1] ?? 0)) faults += 1;
    const isOther = byte >= 0xcf && byte <= 0xfb && !(byte >= 0xdb && byte <= 0xde);
    if (isThaiMark(byte) && !isThaiConsonant(before) && !isThaiMark(before)) faults += 1;
    else if (isThaiLeadingVowel(before) && !isThaiConsonant(byte)) faults += 1;
    else if (!isThaiConsonant(byte) && !isOther && byte !== 0xa0 && !(byte >= 0x91 && byte <= 0x97)) faults += 1;
  }
  return letters >= LEAST_LETTERS && faults <= letters / 100;
}

/** Words as they are written beyond ASCII: in one script, with a capital at the beginning or capitals throughout. */
const CYRILLIC_WORD = /^(?:\p{Lu}?[а-яёіїєґў]+|[А-ЯЁІЇЄҐЎ]+)$/u;
const LATIN_WORD = /^(?:\p{Lu}?\p{Ll}+|\p{Lu}+)$/u;
/** In Latin scripts, most letters of a word are ASCII. */
const MOST_ACCENTED = 0.6;

/** The part of the letters beyond ASCII that stand in words as people write them. */
function wordLikeness(text: string): number {
  let [good, all] = [0, 0];
  for (const [word] of text.matchAll(/[\p{L}\p{M}\p{S}\p{No}\u0080-\u009F]+/gu)) {
    const beyond = word.match(/[^\p{ASCII}]/gu)?.length ?? 0;
    if (beyond === 0 || !/\p{L}/u.test(word)) continue;
    all += beyond;
    const isLatin = LATIN_WORD.test(word) && /^\p{sc=Latn}+$/u.test(word);
    const isWord = isLatin ? word.length < 4 || beyond / word.length <= MOST_ACCENTED : CYRILLIC_WORD.test(word);
    if (isWord) good += beyond;
  }
  return all === 0 ? 0 : good / all;
}
