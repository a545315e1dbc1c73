/** What stands around a word that was found, while the snippet is made; these signs occur in no indexed text. */
export const FOUND = { begin: '\u0001', end: '\u0002' } as const;

const MAX_CHARACTERS = 600;
/** How much of a snippet that is too long stays in front of the first word that was found. */
const LEAD_CHARACTERS = 200;
const CONTROL_OR_SPACE = /[\p{Cc}\p{Zs}\p{Zl}\p{Zp}\uFFFD]+/gu;
const MARKS = new RegExp(`[${FOUND.begin}${FOUND.end}]`, 'gu');
const UNINDEXABLE = new RegExp(`[\0${FOUND.begin}${FOUND.end}]`, 'gu');

/** Text that may be indexed: without the signs that mark what was found, and without NUL, at which SQLite would stop. */
export function indexable(text: string): string {
  return text.replaceAll(UNINDEXABLE, ' ');
}

/** Makes plain text of a marked excerpt; null when nothing in it was found. */
export function toSnippet(marked: string): string | null {
  const first = marked.indexOf(FOUND.begin);
  if (first < 0) return null;
  const tooLong = marked.length > MAX_CHARACTERS && first > LEAD_CHARACTERS;
  const excerpt = tooLong ? `…${marked.slice(first - LEAD_CHARACTERS)}` : marked;
  const plain = excerpt.replaceAll(MARKS, '').replaceAll(CONTROL_OR_SPACE, ' ').trim();
  return cut(plain);
}

function cut(text: string): string {
  if (text.length <= MAX_CHARACTERS) return text.toWellFormed();
  const kept = text.slice(0, MAX_CHARACTERS - 1);
  const whole = /[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept;
  return `${whole}…`.toWellFormed();
}
