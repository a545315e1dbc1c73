/** Why a folder's entry can't be shared. */
export type SkipReason = 'symlink' | 'special' | 'invalid-name' | 'name-too-long' | 'unreadable';

/** A parsed name of a folder's entry: its path in the library, hidden, or why it can't be shared. */
export type EntryName =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'hidden' }
  | { readonly kind: 'skipped'; readonly path: string; readonly reason: SkipReason };

const MOST_NAME_BYTES = 255;
const MOST_PATH_BYTES = 4096;
const DOT = 0x2e;

/** Strict; and a byte order mark at a name's start belongs to the name. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Parses the name of an entry of a folder; the folder is '' for the library itself. */
export function readEntryName(folder: string, name: Buffer): EntryName {
  if (name[0] === DOT) return { kind: 'hidden' };
  const text = decode(name);
  if (text === undefined) return { kind: 'skipped', path: join(folder, escapeBytes(name)), reason: 'invalid-name' };
  const path = join(folder, text);
  const isTooLong = name.length > MOST_NAME_BYTES || Buffer.byteLength(path) > MOST_PATH_BYTES;
  return isTooLong ? { kind: 'skipped', path, reason: 'name-too-long' } : { kind: 'path', path };
}

/** Whether one of the names in a path is hidden. */
export const isHidden = (path: string): boolean => /(?:^|\/)\./.test(path);

const join = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`);

function decode(name: Buffer): string | undefined {
  try {
    return utf8.decode(name);
  } catch {
    return undefined;
  }
}

/** For people: bytes outside of ASCII as \xff. */
const escapeBytes = (name: Buffer): string =>
  name.toString('latin1').replaceAll(/[^ -~]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
