/** Debian packages, unpacked into a cache outside of the project; nothing is installed. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const DOWNLOAD_LIMIT_MS = 600_000;

/** A package, in the version that the mirror has if none is given. */
export interface DebianPackage {
  readonly name: string;
  readonly version?: string;
}

/** The folder with the files of a package, which is fetched if the cache lacks it. */
export function unpacked(cache: string, { name, version }: DebianPackage): string {
  const which = version ? `${name}=${version}` : name;
  const folder = join(cache, which);
  if (existsSync(folder)) return folder;
  const fresh = `${folder}.part`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  execFileSync('apt-get', ['download', '-qq', which], { cwd: fresh, timeout: DOWNLOAD_LIMIT_MS, stdio: 'ignore' });
  const [archive] = readdirSync(fresh);
  execFileSync('dpkg-deb', ['-x', join(fresh, archive ?? ''), fresh]);
  rmSync(join(fresh, archive ?? ''));
  renameSync(fresh, folder);
  return folder;
}

/** The bytes of a file of a package, unpacked if it is packed; null for links that lead nowhere. */
export function contentOf(file: string): Buffer | null {
  try {
    const bytes = readFileSync(file);
    return file.endsWith('.gz') ? gunzipSync(bytes) : bytes;
  } catch {
    return null;
  }
}
