const LEADER = /(?:[.·…_-] ?){4,}/gu;
const ENDS_WITH_PAGE = /(?:^|[\s.·…])(?:\d{1,4}|[ivxlc]{1,6})$/iu;
const ENDS_AS_PROSE = /[.!?:;,…。！？、»”"')\]]$/u;
const PAGE_NUMBER = /(?<![\p{L}\p{N}.])\d{1,4}(?![\p{L}\p{N}])/gu;
const BLANK = /\s+/u;

const MIN_LINES = 4;
const MIN_SHORT_LINES = 6;
const SHORT_LINE_CHARACTERS = 45;
const MIN_NUMBERS = 8;

/** Whether an excerpt is a list, such as a table of contents or an index, rather than prose. */
export function isList(text: string): boolean {
  if ((text.match(LEADER)?.length ?? 0) >= 2) return true;
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const share = (test: RegExp): number => lines.filter((line) => test.test(line)).length / lines.length;
  if (lines.length >= MIN_LINES && share(ENDS_WITH_PAGE) >= 0.5) return true;
  if (lines.length >= MIN_SHORT_LINES && areShort(lines) && share(ENDS_AS_PROSE) < 0.25) return true;
  const numbers = text.match(PAGE_NUMBER)?.length ?? 0;
  return numbers >= MIN_NUMBERS && numbers > text.split(BLANK).length / 4;
}

const areShort = (lines: readonly string[]): boolean =>
  lines.filter(({ length }) => length <= SHORT_LINE_CHARACTERS).length >= lines.length - 1;
