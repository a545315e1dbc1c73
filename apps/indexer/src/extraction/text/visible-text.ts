/**
 * Characters that nobody sees, within words too: soft hyphens, joiners of words, marks of direction, selectors of variants.
 * The joiners of letters are not among them: they show in some scripts.
 */
const INVISIBLE =
  /[\u00AD\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]|\u034F|\p{Variation_Selector}|\u180E/gu;
/** Joiners between letters of scripts that need none; some programs put them where letters must not melt into one sign. */
const NEEDLESS_JOINER = /(?<=[\p{sc=Latn}\p{sc=Grek}\p{sc=Cyrl}]\p{M}*)[\u200C\u200D]+/gu;

/** A text without its invisible characters: they would part words that a reader sees whole. */
export const withoutInvisible = (text: string): string =>
  text.replaceAll(INVISIBLE, '').replaceAll(NEEDLESS_JOINER, '');
