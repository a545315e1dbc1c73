/**
 * Letters that Unicode does not decompose, as people type them on another keyboard. Latin follows the transform
 * Latin-ASCII of CLDR; Arabic has one form for the variants of Arabic, Persian, Urdu and Kurdish keyboards.
 */
const LATIN = {
  ...{ ß: 'ss', ẞ: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ħ: 'h', ı: 'i', ŋ: 'n', ŧ: 't' },
  ...{ ĸ: 'q', ƀ: 'b', ɓ: 'b', ƈ: 'c', ȼ: 'c', ɖ: 'd', ɗ: 'd', ƌ: 'd', ǝ: 'e', ə: 'e', ɛ: 'e', ɇ: 'e', ƒ: 'f' },
  ...{ ɠ: 'g', ǥ: 'g', ɣ: 'g', ɦ: 'h', ⱨ: 'h', ɨ: 'i', ɩ: 'i', ɉ: 'j', ƙ: 'k', ⱪ: 'k', ƚ: 'l', ɫ: 'l', ⱡ: 'l' },
  ...{ ɱ: 'm', ɲ: 'n', ƞ: 'n', ɔ: 'o', ɵ: 'o', ƥ: 'p', ᵽ: 'p', ɋ: 'q', ɍ: 'r', ɽ: 'r', ʂ: 's', ȿ: 's', ƭ: 't' },
  ...{ ʈ: 't', ⱦ: 't', ʉ: 'u', ʊ: 'u', ʋ: 'v', ƿ: 'w', ⱳ: 'w', ƴ: 'y', ɏ: 'y', ƶ: 'z', ȥ: 'z', ʐ: 'z', ⱬ: 'z' },
  ...{ ⱥ: 'a', ꜳ: 'aa', ꜵ: 'ao', ꜷ: 'au', ꝏ: 'oo', ꝛ: 'r', ꝥ: 'th', ꝧ: 'th' },
} as const;
const GREEK = { ς: 'σ' } as const;
const CYRILLIC = {
  ...{ ґ: 'г', ғ: 'г', қ: 'к', ҡ: 'к', ҝ: 'к', ҟ: 'к', ң: 'н', ҥ: 'н', ӈ: 'н', ү: 'у', ұ: 'у', ө: 'о' },
  ...{ ҳ: 'х', ҷ: 'ч', ҹ: 'ч', җ: 'ж', ҙ: 'з', ҫ: 'с', ҭ: 'т' },
} as const;
const ARABIC = {
  ...{ '\u0649': 'ي', '\u06CC': 'ي', '\u06A9': 'ك', '\u06AA': 'ك' },
  ...{ '\u0671': 'ا', '\u0672': 'ا', '\u0673': 'ا', '\u0629': 'ه', '\u06C1': 'ه', '\u06BE': 'ه', '\u06C3': 'ه' },
  ...{ '\u06D5': 'ه' },
} as const;

const PLAIN: Readonly<Record<string, string>> = { ...LATIN, ...GREEK, ...CYRILLIC, ...ARABIC };
const VARIANT = new RegExp(`[${Object.keys(PLAIN).join('')}]`, 'gu');

/** Letters that are written like an apostrophe, as in Uzbek, Hawaiian and transliterated Arabic. */
export const LETTER_APOSTROPHES = String.raw`\u02B9-\u02C1\u02C8\u02CC\u02EE\uA78B\uA78C\u0674`;
const LETTER_APOSTROPHE = new RegExp(`[${LETTER_APOSTROPHES}]`, 'gu');

const DIGIT = /[^\P{Nd}0-9]/gu;
/** The digits of a script stand in a row, zero first; some scripts have several rows, one behind the other. */
const DIGITS_OF_A_ROW = 10;
const isDigit = (code: number): boolean => /^\p{Nd}$/u.test(String.fromCodePoint(code));
const values = new Map<string, string>();

function valueOf(digit: string): string {
  const known = values.get(digit);
  if (known !== undefined) return known;
  const code = digit.codePointAt(0) ?? 0;
  let first = code;
  while (isDigit(first - 1)) first -= 1;
  const value = String((code - first) % DIGITS_OF_A_ROW);
  values.set(digit, value);
  return value;
}

/** A decomposed lower-case text with the letters and digits that are typed in its place; letter-like apostrophes are dropped. */
export const withPlainLetters = (text: string): string =>
  text
    .replaceAll(VARIANT, (letter) => PLAIN[letter] ?? letter)
    .replaceAll(LETTER_APOSTROPHE, '')
    .replaceAll(DIGIT, valueOf);
