/** The corpus of the relevance set: real documents from Debian packages, which the cache keeps. */
import { createHash } from 'node:crypto';
import { globSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentOf, unpacked } from '../reading/debian.ts';
import { convertedBy, scansOf } from './made.ts';
import { CORPUS, type CorpusPackage, PANDOC } from './packages.ts';

/** Smaller files are redirects and stubs. */
const MIN_BYTES = 400;

/** A document of the corpus. */
interface Made {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Puts the documents into a new folder, each of them once; fetches the packages that the cache lacks. Returns their names. */
export async function fillCorpus(cache: string, library: string): Promise<string[]> {
  const seen = new Set<string>();
  const names: string[] = [];
  for (const each of CORPUS) {
    for await (const { name, bytes } of documentsOf(cache, each, seen)) {
      writeFileSync(join(library, name), bytes);
      names.push(name);
    }
  }
  return names;
}

async function* documentsOf(cache: string, wanted: CorpusPackage, seen: Set<string>): AsyncGenerator<Made> {
  const folder = unpacked(cache, wanted);
  for (const file of chosenFrom(folder, wanted)) {
    const bytes = contentOf(join(folder, file));
    if (!bytes) continue;
    const digest = createHash('sha256').update(bytes).digest('hex');
    if (seen.has(digest)) continue;
    seen.add(digest);
    const name = nameOf(wanted, file);
    if (!wanted.make) yield { name, bytes };
    else if (wanted.make === 'scans') yield* scansOf(join(cache, 'scans'), bytes, name);
    else
      yield await convertedBy(
        PANDOC.map((each) => unpacked(cache, each)),
        join(folder, file),
        `${name}.${wanted.make}`,
      );
  }
}

/** The files that are taken of a package, at even distances, so that all of its parts are there. */
function chosenFrom(folder: string, { files, most = Number.POSITIVE_INFINITY }: CorpusPackage): string[] {
  const all = globSync('**/*', { cwd: folder })
    .filter((file) => files.test(file.replace(/\.gz$/u, '')) && sizeOf(join(folder, file)) >= MIN_BYTES)
    .toSorted();
  const step = Math.max(1, all.length / most);
  return all.filter((_, at) => Math.floor(at / step) !== Math.floor((at - 1) / step));
}

/** Links of packages may lead nowhere. */
function sizeOf(file: string): number {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats?.isFile() ? stats.size : 0;
}

/** The package and the path, without the folders that say nothing and those that repeat the package. */
function nameOf({ name, ending = '' }: CorpusPackage, file: string): string {
  const path = file.replace(/\.gz$/u, '').split('/');
  const parts = path.filter((part) => part !== name && !/^(?:usr|share|lib|doc|games|html|texlive-doc)$/u.test(part));
  return `${[name, ...parts].join('-')}${ending}`;
}
