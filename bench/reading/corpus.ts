/** Real documents from Debian's packages, in a cache outside of the project. */
import { createHash } from 'node:crypto';
import { globSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { contentOf, unpacked } from './debian.ts';
import { PACKAGES } from './packages.ts';

/** Puts the documents into a new folder, each of them once; fetches the packages that the cache lacks. Returns their names. */
export function fillLibrary(cache: string, library: string): string[] {
  const seen = new Set<string>();
  const names: string[] = [];
  for (const { name, files } of PACKAGES) {
    const folder = unpacked(cache, { name });
    for (const file of globSync('**/*', { cwd: folder }).toSorted()) {
      const plain = file.replace(/\.gz$/u, '');
      if (!files.test(plain)) continue;
      const bytes = contentOf(join(folder, file));
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
