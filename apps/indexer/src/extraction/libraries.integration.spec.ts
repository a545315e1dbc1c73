// Real: the sources of this folder.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LIBRARIES } from './child/extraction-process.ts';

/** Loaded by the parent alone, or only by the compiler. */
const NOT_IN_CHILDREN = ['zod', 'p-queue', '@allibrary/library', '@allibrary/contracts'];
const IMPORT = /(?:^import (?!type\b)[^;]*?from |import\()'(?<name>[^'.][^']*)'/gmu;

test('a child may read every library that a reader loads', () => {
  const sources = globSync('**/*.ts', { cwd: import.meta.dirname, exclude: ['**/*.spec.ts'] });
  const imported = sources.flatMap((file) =>
    [...readFileSync(join(import.meta.dirname, file), 'utf8').matchAll(IMPORT)].map(({ groups }) => packageOf(groups)),
  );
  const libraries = [...new Set(imported)].filter((name) => !name.startsWith('node:'));
  expect(libraries.filter((name) => !NOT_IN_CHILDREN.includes(name) && !LIBRARIES.includes(name))).toEqual([]);
  expect(libraries).toEqual(expect.arrayContaining(['unpdf', '@cwasm/webp', 'eld']));
});

const packageOf = (groups: { readonly name?: string } | undefined): string =>
  /^(?:@[^/]+\/)?[^/]+/u.exec(groups?.name ?? '')?.[0] ?? '';
