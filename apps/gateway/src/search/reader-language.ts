import { ReaderLanguage } from '@allibrary/contracts';

/** The language that a reader prefers, by the header Accept-Language (RFC 9110, 12.5.4) or a single tag. */
export function readerLanguageOf(accepted = ''): string {
  const languages = accepted.split(',').map((part) => {
    const [tag = '', ...parameters] = part.split(';').map((each) => each.trim());
    const quality = parameters.find((each) => each.startsWith('q='))?.slice(2);
    return { tag, quality: quality === undefined ? 1 : Number(quality) || 0 };
  });
  const [best] = languages
    .filter(({ tag, quality }) => quality > 0 && ReaderLanguage.safeParse(tag).success)
    .toSorted((a, b) => b.quality - a.quality);
  return best?.tag ?? 'und';
}
