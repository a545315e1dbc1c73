import type { Section } from './sections.ts';

/** Marks a place where a word may be divided; it is visible at a line end only. `¬` stands for it in transcriptions. */
const SOFT = '\u00AD\u00AC';
/** Hyphens of all scripts that divide words at line ends, and U+FFFE, which PDFium writes for them. */
const HYPHENS = String.raw`\-\u2010\uFFFE\u058A\u1400\u1806\u2E17\u2E40\uFE63\uFF0D`;
const LETTER = String.raw`[\p{L}\p{M}\u200C\u200D]`;
/** No word of any language is longer, and no search for its ends goes on for longer. */
const MAX_WORD = 80;
/** A hyphen, the line end after it, quotation signs, and the hyphen that some languages repeat on the next line. */
const DIVISION = new RegExp(
  String.raw`(?<sign>[${HYPHENS}${SOFT}])(?<=${LETTER}.)(?:[^\S\n]|\u200B){0,40}(?<ends>[\n\f\v\u0085\u2028]+)[\s>]{0,80}(?<repeated>-?)(?=\p{L})`,
  'gu',
);
const LETTERS_AT_END = new RegExp(String.raw`${LETTER}{1,${MAX_WORD}}$`, 'u');
const LETTERS_AT_START = new RegExp(String.raw`^${LETTER}{1,${MAX_WORD}}`, 'u');
const HEAD_AT_END = new RegExp(String.raw`(?<word>${LETTER}{1,${MAX_WORD}})(?<sign>[${HYPHENS}${SOFT}])$`, 'u');
const TAIL_AT_START = new RegExp(String.raw`^\s*(?<word>${LETTER}{1,${MAX_WORD}})`, 'u');
/** A word with its hyphens, unless a line end divides it. */
const SPELLING = /[\p{L}\p{M}]+(?:[-\u2010\u2011][\p{L}\p{M}]+)*(?![-\u2010\u00AD\uFFFE])/gu;
/** Soft hyphens within a line, and signs of PDFium that divide nothing. */
const SOFT_HYPHEN = /\u00AD/gu;
const PDFIUM_HYPHEN = /\uFFFE/gu;

/** Words that stand for the rest of a compound after a hyphen: `Vor- und Nachteile`. */
const CONJUNCTIONS = new Set(
  'and or to und oder bzw sowie et ou en of och eller og y o e u i a lub oraz ja tai és vagy'.split(' '),
);
/** Nearly always followed by a true hyphen. */
const HYPHENATED = /^(?:self|well|quasi)$/iu;
const MIN_COMPOUND_TAIL = 4;
/** Long texts get their other spellings at a line end after so many characters, near the words they belong to. */
const SPELLINGS_EVERY = 4_000;
/** Running heads, page numbers and footnotes that may stand between the halves of a word at a page break. */
const MAX_LINES_BETWEEN = 3;

/** One word that a line end divides: what replaces it, and its other spelling. */
interface WholeWord {
  readonly text: string;
  readonly other: string | null;
}

/**
 * Joins the words that line ends and page breaks divide. Whether a hyphen was there before the line end is decided by the
 * rest of the document. Where that does not tell, the other spelling follows later in the same section, so both are found.
 */
export function withWholeWords(sections: readonly Section[]): Section[] {
  const spellings = new Spellings(sections);
  const joined = joinAcrossPages(sections, spellings);
  return joined.map(({ section, others }) => ({ ...section, text: joinLines(section.text, spellings, others) }));
}

/** Which spellings of divided words a document holds undivided. */
class Spellings {
  readonly #seen = new Set<string>();

  constructor(sections: readonly Section[]) {
    const wanted = new Set<string>();
    for (const { text } of sections) {
      for (const { parts } of chainsIn(text)) {
        for (const [at, { word }] of parts.slice(1).entries()) {
          const head = parts[at]?.word ?? '';
          wanted.add((head + word).toLowerCase());
          wanted.add(`${head}-${word}`.toLowerCase());
        }
      }
    }
    if (wanted.size === 0) return;
    for (const { text } of sections) {
      const folded = text.replaceAll(/[\u2010\u2011]/gu, '-').toLowerCase();
      for (const [word] of folded.matchAll(SPELLING)) if (wanted.has(word)) this.#seen.add(word);
    }
  }

  has(word: string): boolean {
    return this.#seen.has(word.toLowerCase());
  }
}

interface Part {
  readonly word: string;
  /** The hyphen before it; '' at the beginning. */
  readonly sign: string;
  /** Whether the hyphen is repeated after the line end. */
  readonly isRepeated: boolean;
  /** Whether a blank line stands before it. */
  readonly isFar: boolean;
}

/** A word that is divided once or more. */
interface Chain {
  readonly index: number;
  readonly end: number;
  readonly parts: readonly Part[];
}

function* chainsIn(text: string): Generator<Chain> {
  let parts: Part[] = [];
  let [begin, end] = [0, -1];
  for (const { 0: division, index, groups = {} } of text.matchAll(DIVISION)) {
    if (index !== end) {
      if (parts.length > 0) yield { index: begin, end, parts };
      const word = lettersAtEnd(text.slice(Math.max(0, index - MAX_WORD), index));
      parts = [{ word, sign: '', isRepeated: false, isFar: false }];
      begin = index - word.length;
    }
    const from = index + division.length;
    const word = lettersAtStart(text.slice(from, from + MAX_WORD));
    const isFar = (groups['ends']?.length ?? 0) > 1;
    parts.push({ word, sign: groups['sign'] ?? '', isRepeated: groups['repeated'] !== '', isFar });
    end = from + word.length;
  }
  if (parts.length > 0) yield { index: begin, end, parts };
}

const lettersAtEnd = (text: string): string => LETTERS_AT_END.exec(text)?.[0] ?? '';
const lettersAtStart = (text: string): string => LETTERS_AT_START.exec(text)?.[0] ?? '';

function joinLines(text: string, spellings: Spellings, fromPageBreak: readonly string[]): string {
  let result = '';
  let from = 0;
  let others = [...fromPageBreak];
  let flushedAt = 0;
  for (const { index, end, parts } of chainsIn(text)) {
    const lineEnd = index - flushedAt > SPELLINGS_EVERY && others.length > 0 ? text.lastIndexOf('\n', index) : -1;
    if (lineEnd >= from) {
      result += `${text.slice(from, lineEnd)}\n${others.join(' ')}`;
      from = lineEnd;
      flushedAt = lineEnd;
      others = [];
    }
    const whole = wholeWord(parts, spellings);
    result += text.slice(from, index) + whole.text;
    from = end;
    if (whole.other !== null) others.push(whole.other);
  }
  result = withoutSigns(result + text.slice(from));
  return others.length === 0 ? result : `${result}\n${others.join(' ')}`;
}

const withoutSigns = (text: string): string => text.replaceAll(SOFT_HYPHEN, '').replaceAll(PDFIUM_HYPHEN, '-');

function wholeWord(parts: readonly Part[], spellings: Spellings): WholeWord {
  let [text, other] = ['', ''];
  let isDoubtful = false;
  for (const [at, { word, sign, isRepeated, isFar }] of parts.entries()) {
    if (at === 0) {
      [text, other] = [word, word];
      continue;
    }
    const before = parts[at - 1]?.word ?? '';
    const joint = jointOf(before, word, { isSoft: SOFT.includes(sign), isRepeated, isFar, spellings });
    text += joint.as + word;
    other += (joint.otherwise ?? joint.as) + word;
    isDoubtful ||= joint.otherwise !== null;
  }
  return { text, other: isDoubtful ? other : null };
}

/** What stands between two parts of a word, and what may stand there too; null when there is no doubt. */
interface Joint {
  readonly as: string;
  readonly otherwise: string | null;
}

interface Sign extends Pick<Part, 'isRepeated' | 'isFar'> {
  readonly isSoft: boolean;
  readonly spellings: Spellings;
}

function jointOf(head: string, tail: string, { isSoft, isRepeated, isFar, spellings }: Sign): Joint {
  if (isSoft) return { as: '', otherwise: null };
  if (isRepeated) return { as: '-', otherwise: null };
  if (isCapitalised(tail)) {
    const isUpper = [head, tail].every((part) => part.length > 1 && part === part.toUpperCase());
    if (!isUpper) return { as: isFar ? '-\n' : '-', otherwise: null };
  }
  if (CONJUNCTIONS.has(tail.toLowerCase()) && !spellings.has(head + tail)) return { as: '- ', otherwise: '' };
  if (spellings.has(`${head}-${tail}`)) return { as: '-', otherwise: '' };
  if (spellings.has(head + tail)) return { as: '', otherwise: null };
  const isCompound = HYPHENATED.test(head) && tail.length >= MIN_COMPOUND_TAIL;
  return isCompound ? { as: '-', otherwise: '' } : { as: '', otherwise: '-' };
}

const isCapitalised = (word: string): boolean => /^\p{Lu}/u.test(word);

/** A section, and spellings of words that begin in it and end on the next page. */
interface Joined {
  readonly section: Section;
  readonly others: readonly string[];
}

function joinAcrossPages(sections: readonly Section[], spellings: Spellings): Joined[] {
  const joined: Joined[] = [];
  let current = sections[0];
  for (const next of sections.slice(1)) {
    if (!current) break;
    const crossing =
      current.page === null || next.page === null ? null : crossingOf(current.text, next.text, spellings);
    joined.push({
      section: { ...current, text: crossing?.before ?? current.text },
      others: crossing ? crossing.others : [],
    });
    current = { ...next, text: crossing?.after ?? next.text };
  }
  if (current) joined.push({ section: current, others: [] });
  return joined;
}

interface Crossing {
  readonly before: string;
  readonly after: string;
  readonly others: readonly string[];
}

/** The word that begins at the end of one page and ends at the start of the next. */
function crossingOf(before: string, after: string, spellings: Spellings): Crossing | null {
  const head = headAtEnd(before);
  const tail = TAIL_AT_START.exec(after);
  const [first, second] = [head?.word, tail?.groups?.['word']];
  if (head && tail && first && second && !isCapitalised(second)) {
    const parts = [
      { word: first, sign: '', isRepeated: false, isFar: false },
      { word: second, sign: head.sign, isRepeated: false, isFar: false },
    ];
    const { text, other } = wholeWord(parts, spellings);
    const rest = after.slice(tail[0].length);
    return { before: before.slice(0, head.index) + text, after: rest, others: other === null ? [] : [other] };
  }
  const others = pastRunningHeads(before, after);
  return others.length === 0 ? null : { before, after, others };
}

/** The beginning of a word at the end of a text. Only that end is looked at: a search through each page took a third of the time. */
function headAtEnd(text: string): { readonly word: string; readonly sign: string; readonly index: number } | null {
  const end = text.trimEnd();
  const from = Math.max(0, end.length - 2 * MAX_WORD - 1);
  const found = HEAD_AT_END.exec(end.slice(from));
  const { word = '', sign = '' } = found?.groups ?? {};
  return found && { word, sign, index: from + found.index };
}

/** What the word may be when page numbers, notes or running heads stand between its halves: each that could go on. */
function pastRunningHeads(before: string, after: string): string[] {
  const ends = linesOf(before).slice(-MAX_LINES_BETWEEN).toReversed();
  const head = ends.map((line) => headAtEnd(line)?.word).find((word) => word !== undefined);
  if (!head) return [];
  return linesOf(after)
    .slice(0, MAX_LINES_BETWEEN)
    .flatMap((line) => /^\s*(?<word>\p{Ll}[\p{L}\p{M}]*)/u.exec(line)?.groups?.['word'] ?? [])
    .slice(0, 1)
    .map((tail) => head + tail);
}

const linesOf = (text: string): string[] => text.split(/\r?\n/u).filter((line) => line.trim() !== '');
