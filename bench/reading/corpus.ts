/** Real documents from Debian's packages, in a cache outside of the project. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { PACKAGES } from './packages.ts';

const DOWNLOAD_LIMIT_MS = 600_000;

/** Puts the documents into a new folder, each of them once; fetches the packages that the cache lacks. Returns their names. */
export function fillLibrary(cache: string, library: string): string[] {
  const seen = new Set<string>();
  const names: string[] = [];
  for (const { name, files } of PACKAGES) {
    const folder = unpacked(cache, name);
    for (const file of globSync('**/*', { cwd: folder }).toSorted()) {
      const plain = file.replace(/\.gz$/u, '');
      if (!files.test(plain)) continue;
      const bytes = contentOf(join(folder, file), file !== plain);
      const digest = bytes && createHash('sha256').update(bytes).digest('hex');
      if (!bytes || bytes.length === 0 || !digest || seen.has(digest)) continue;
      seen.add(digest);
      const to = `${name}-${relative('usr/share', plain).replaceAll('/', '-')}`;
      writeFileSync(join(library, to), bytes);
      names.push(to);
    }
  }
  return names;
}

/** Links of packages may lead nowhere. */
function contentOf(file: string, isPacked: boolean): Buffer | null {
  try {
    const bytes = readFileSync(file);
    return isPacked ? gunzipSync(bytes) : bytes;
  } catch {
    return null;
  }
}

function unpacked(cache: string, name: string): string {
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;
  const fresh = `${folder}.part`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  execFileSync('apt-get', ['download', '-qq', name], { cwd: fresh, timeout: DOWNLOAD_LIMIT_MS, stdio: 'ignore' });
  const [archive] = readdirSync(fresh);
  execFileSync('dpkg-deb', ['-x', join(fresh, archive ?? ''), fresh]);
  rmSync(join(fresh, archive ?? ''));
  renameSync(fresh, folder);
  return folder;
}
