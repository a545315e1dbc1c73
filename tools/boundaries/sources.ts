import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SOURCES = '{apps,libs,tools,test,bench}/**/*.{ts,mts,cts,tsx}';

/** With fewer files than this the product was not read completely, whatever git lists. */
export const FEWEST_PRODUCT_FILES = 40;

/** Reads every TypeScript source below a checkout, keyed by its path there. */
export function readSources(root: string): Map<string, string> {
  const paths = globSync(SOURCES, { cwd: root, exclude: ['**/node_modules', '**/dist'] }).sort();
  return new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

/** Returns why the sources cannot be complete: a check that read nothing passes everything. */
export function findGaps(root: string, seen: ReadonlyMap<string, string>): string[] {
  const products = [...seen.keys()].filter((path) => /^(apps|libs)\//.test(path));
  const gaps = trackedSources(root)
    .filter((path) => !seen.has(path))
    .map((path) => `${path} is in git but was not seen`);
  if (products.length < FEWEST_PRODUCT_FILES) {
    gaps.push(`too few files: saw ${products.length} under apps and libs, expected ${FEWEST_PRODUCT_FILES} or more`);
  }
  return gaps;
}

function trackedSources(root: string): string[] {
  // A source archive has no .git; there the floor alone must do.
  if (!existsSync(join(root, '.git'))) return [];
  const listing = execFileSync('git', ['ls-files', '-z', '--', 'apps', 'libs'], { cwd: root, encoding: 'utf8' });
  return listing.split('\0').filter((path) => /\.[mc]?tsx?$/.test(path) && existsSync(join(root, path)));
}
