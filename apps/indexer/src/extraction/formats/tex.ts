import { readText, undivided } from '../encoding/decode.ts';
import type { ReadText } from '../extraction.ts';
import type { SourceFile } from '../child/source-file.ts';

/** The accents of TeX as Unicode's combining marks. */
const ACCENTS: Readonly<Record<string, string>> = {
  ...{ '`': '\u0300', "'": '\u0301', '^': '\u0302', '~': '\u0303', '=': '\u0304', u: '\u0306', '.': '\u0307' },
  ...{ '"': '\u0308', r: '\u030A', H: '\u030B', v: '\u030C', c: '\u0327', k: '\u0328', d: '\u0323', b: '\u0331' },
};
const LETTERS: Readonly<Record<string, string>> = {
  ...{ ss: 'ß', ae: 'æ', AE: 'Æ', oe: 'œ', OE: 'Œ', o: 'ø', O: 'Ø', aa: 'å', AA: 'Å', l: 'ł', L: 'Ł', i: 'i', j: 'j' },
};
/** Commands whose arguments name something and are no text. */
const NAMES = String.raw`(?:label|ref|eqref|pageref|cite[a-z]*|includegraphics|input|include|usepackage|documentclass|bibliography(?:style)?|begin|end)`;
const MARKUP: ReadonlyArray<readonly [pattern: RegExp, text: string | ((...groups: string[]) => string)]> = [
  [/\\-/gu, ''],
  [
    /\\([`'^~="ruvcHkdb.])(?:(?<=[`'^~=".])\s?|\s|(?=\{))\{?\\?([A-Za-z])\}?/gu,
    (all, accent = '', letter = '') => (letter + (ACCENTS[accent] ?? all)).normalize('NFC'),
  ],
  [/\\(ss|ae|AE|oe|OE|aa|AA|[oOlLij])(?![A-Za-z])(?:\{\}|\s)?/gu, (all, name = '') => LETTERS[name] ?? all],
  [new RegExp(String.raw`\\${NAMES}\*?(?:\[[^\]\n]{0,400}\])?\{[^{}\n]{0,400}\}`, 'gu'), ' '],
  [/\\(?:\\|par\b|newline\b|item\b)/gu, '\n'],
  [/\\[A-Za-z]+\*?(?:\[[^\]\n]{0,400}\])?[ \t]?/gu, ''],
  [/\\([#$%&_{}])/gu, '$1'],
  [/(?<!\\)[{}]/gu, ''],
  [/~/gu, ' '],
];

/** Reads the text of a TeX file with most of its commands left out. */
export async function readTex(file: SourceFile, maxCharacters: number): Promise<ReadText> {
  const { text, truncated } = await readText(file, maxCharacters);
  return undivided({ text: withoutCommands(text), truncated });
}

/** The words of a TeX text; `M\"uller` and `her\emph{on}` are whole. */
export const withoutCommands = (tex: string): string =>
  MARKUP.reduce((text, [pattern, replacement]) => text.replaceAll(pattern, replacement as string), tex);
