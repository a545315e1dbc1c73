/** A word or phrase that docs in plain English avoid, and the forms that count. */
export interface OldWord {
  readonly name: string;
  readonly forms: RegExp;
}

const word = (name: string, forms: string): OldWord => ({ name, forms: new RegExp(`\\b(?:${forms})\\b`, 'gi') });

/**
 * Verbs and nouns of an earlier style, see docs/GLOSSARY.md for what is written now. Some have a literal sense, so the
 * numbers show a trend; they need not reach 0.
 */
export const OLD_WORDS: readonly OldWord[] = [
  word('tell', 'tells?|told|telling'),
  word('say', 'says?|said|saying|unsaid'),
  word('answer', 'answers?|answered|answering'),
  word('know', 'knows?|knew'),
  word('wish', 'wish|wishes|wished'),
  word('let go', 'lets? go|letting go'),
  word('take', 'takes?|took|taken in'),
  word('stand', 'stands?|stood'),
  word('anew', 'anew'),
  word('hearsay', 'hearsay'),
  word('offence', 'offences?|offended'),
  word('band', 'bands?'),
  word('bell', 'bells?'),
  word('desk', 'desks?'),
  word('attention', 'attention'),
  word('roll', 'rolls?'),
  word('pace', 'paces?|pacer'),
  word('of ours', 'of ours|of its own|of theirs'),
  word('so many', 'so many'),
];

/** Counts each word over texts. */
export function countOldWords(texts: readonly string[]): Map<string, number> {
  const text = texts.join('\n');
  return new Map(OLD_WORDS.map(({ name, forms }) => [name, [...text.matchAll(forms)].length]));
}

/** The text that a page shows or keeps for assistive technology: its tags, styles and scripts are left out. */
export const textOfPage = (html: string): string =>
  html.replaceAll(/<(script|style)[\s\S]*?<\/\1>/g, ' ').replaceAll(/<[^>]*>/g, ' ');
