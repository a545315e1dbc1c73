import { extname } from 'node:path';

const MAX_NAME_BYTES = 255;

/**
 * Line ends, controls, what changes the direction of the text behind it, and what no font shows. Joiners, soft hyphens and
 * tags stay: they belong to the spelling of Persian and Indian words, to families and to flags.
 */
const UNSAFE =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}\u061C\u200E\u200F\u202A-\u202E\u2061-\u206F\uFEFF\uFFF9-\uFFFB]/gu;
const INVISIBLE = /[\p{Cf}\p{Variation_Selector}\p{Z}.]/gu;

/** Makes a name that a stranger gave safe to be a file's name here; `fallback` stands in when nothing of it is left. */
export function safeFileName(name: string, fallback: string): string {
  const visible = name
    .normalize('NFC')
    .replaceAll(UNSAFE, ' ')
    .replaceAll(/[/\\:*?"<>|]/g, '_') // separators, here and on other systems that may mount the folder
    .replaceAll(/\s+/g, ' ')
    .replace(/^[.\s]+/, '') // hidden files are not shared
    .replace(/[.\s]+$/, '');
  return shorten(visible.replaceAll(INVISIBLE, '') === '' ? fallback : visible, '');
}

/** The name to try when `name` is taken: `report.pdf`, then `report (2).pdf`. */
export const numberedFileName = (name: string, number: number): string =>
  number < 2 ? name : shorten(name, ` (${number})`);

/** Puts `suffix` before the extension and cuts the stem, so that the whole fits into a file's name. */
function shorten(name: string, suffix: string): string {
  const extension = Buffer.byteLength(extname(name)) <= 32 ? extname(name) : '';
  const room = MAX_NAME_BYTES - Buffer.byteLength(suffix + extension);
  const letters = [...name.slice(0, name.length - extension.length)];
  while (Buffer.byteLength(letters.join('')) > room) letters.length -= 1;
  return letters.join('') + suffix + extension;
}
