import { extname } from 'node:path';
import { safeFileName } from '@allibrary/core';

/** Names that Windows and its file servers reserve, with any extension. */
const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;
/** Short enough for encrypting file systems, which allow about 140 bytes. */
const SHORT_NAME_LETTERS = 100;

/** Error codes of a file system that does not accept a name. */
const REFUSALS: readonly unknown[] = ['EINVAL', 'EILSEQ', 'ENAMETOOLONG'];

/** Whether the file system refused the name of a file, and may take another one. */
export const isNameRefused = (error: unknown): boolean => REFUSALS.includes((error as NodeJS.ErrnoException).code);

/**
 * The names to try for a file, one after the other, when the file system refuses those before: the wanted one, one that
 * Windows accepts, a short one of ASCII letters, and one that is made of the document's id.
 */
export function namesToTry(wanted: string, documentId: string): string[] {
  const portable = RESERVED.test(wanted) ? `_${wanted}` : wanted;
  const ascii = portable
    .normalize('NFKD')
    .replaceAll(/[^\w .()-]/g, '_')
    .replaceAll(/_+/g, '_');
  const extension = /^\.\w{1,8}$/.exec(extname(ascii))?.[0] ?? '';
  const stem = ascii.slice(0, ascii.length - extension.length).slice(0, SHORT_NAME_LETTERS - extension.length);
  const short = safeFileName(`${stem.replace(/[. ]+$/, '')}${extension}`, documentId);
  return [...new Set([wanted, portable, short, `${documentId}${extension}`])];
}
