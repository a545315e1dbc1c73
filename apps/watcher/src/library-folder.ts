import { type Stats, constants } from 'node:fs';
import { lstat, open, opendir, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SkipReason } from './domain/entry-name.ts';
import type { FileVersion, Sighting } from './domain/sighting.ts';

/**
 * What a look at a path found, and why it can't be shared when something else than a file lies there; `unclear` when
 * it can't be told now, which is no reason to call a file lost.
 */
export type Look =
  | { readonly kind: 'clear'; readonly sighting: Sighting; readonly skipped?: SkipReason }
  | { readonly kind: 'unclear'; readonly skipped: SkipReason };

/** The library folder itself: gone, out of reach, or there; its identity tells it from another one of its name. */
export type FolderState =
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreadable'; readonly reason: string }
  | { readonly kind: 'present'; readonly identity: string; readonly isEmpty: boolean; readonly realPath: string };

const nothing: Look = { kind: 'clear', sighting: null };

/** The shared folder, which this service only reads. */
export class LibraryFolder {
  constructor(readonly root: string) {}

  /** The absolute form of a path in the library. */
  absolute(path: string): string {
    return join(this.root, path);
  }

  /** What lies at the path now; no link is followed, in none of its names. */
  async look(path: string): Promise<Look> {
    try {
      const absolute = this.absolute(path);
      const stats = await lstat(absolute);
      if (stats.isDirectory()) return nothing;
      if (stats.isSymbolicLink() || !(await this.#liesBehindNoLink(path))) return { ...nothing, skipped: 'symlink' };
      if (!stats.isFile()) return { ...nothing, skipped: 'special' };
      await ensureReadable(absolute);
      return { kind: 'clear', sighting: versionOf(stats) };
    } catch (error) {
      return lookOfError(error);
    }
  }

  /** How the library folder itself is; it counts as empty when all that it holds is hidden. */
  async state(): Promise<FolderState> {
    try {
      const realPath = await realpath(this.root);
      const { dev, ino } = await stat(realPath);
      return { kind: 'present', identity: `${dev}:${ino}`, isEmpty: await isEmpty(realPath), realPath };
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return code === 'ENOENT' ? { kind: 'missing' } : { kind: 'unreadable', reason: message };
    }
  }

  async #liesBehindNoLink(path: string): Promise<boolean> {
    const folder = dirname(path);
    if (folder === '.') return true;
    const [root, actual] = await Promise.all([realpath(this.root), realpath(this.absolute(folder))]);
    return actual === join(root, folder);
  }
}

/** Opening is the only sure test: rights, lists of rights and network drives all have their say. */
async function ensureReadable(file: string): Promise<void> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  await handle.close();
}

/** The version of a file. */
export const versionOf = ({ size, mtimeMs }: Stats): FileVersion => ({
  sizeBytes: size,
  modifiedAtMs: Math.max(0, mtimeMs), // a file may be dated before 1970, a fact may not
});

const ABSENT = new Set(['ENOENT', 'ENOTDIR']);
const SKIP_REASONS: Record<string, SkipReason> = { ENAMETOOLONG: 'name-too-long', ELOOP: 'symlink' };

/** Why what is there can't be read, or undefined when there is nothing. */
export function skipReasonOf(error: unknown): SkipReason | undefined {
  const { code = '' } = error as NodeJS.ErrnoException;
  return ABSENT.has(code) ? undefined : (SKIP_REASONS[code] ?? 'unreadable');
}

function lookOfError(error: unknown): Look {
  const skipped = skipReasonOf(error);
  return skipped ? { kind: 'unclear', skipped } : nothing;
}

async function isEmpty(folder: string): Promise<boolean> {
  for await (const { name } of await opendir(folder)) {
    if (!name.startsWith('.')) return false;
  }
  return true;
}
