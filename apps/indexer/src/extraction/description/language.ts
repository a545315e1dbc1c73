/** A shorter text could be in many languages. */
export const TELLING_CHARACTERS = 60;

/** The language of a tag (BCP 47) such as `en-GB` or `cmn`, as the shortest ISO 639 code; null when it names none. */
export function languageOf(tag: string): string | null {
  try {
    const { language } = new Intl.Locale(tag.trim().replaceAll('_', '-'));
    return /^[a-z]{2,3}$/u.test(language) && language !== 'und' ? language : null;
  } catch {
    return null;
  }
}
