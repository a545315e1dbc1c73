// Real: the TypeScript compiler on a copy of each app.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const project = join(import.meta.dirname, '../..');
let copy: string;

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'composition-'));
});
afterEach(() => rmSync(copy, { recursive: true }));

it.each([
  ['indexer', 'new DescribedDocuments(collections, catalog)', 'new DescribedDocuments(catalog, collections)'],
  [
    'indexer',
    'new DocumentTexts(collections, extractor, catalog, pages,',
    'new DocumentTexts(collections, catalog, extractor, pages,',
  ],
  ['gateway', 'new EventHub(bus, logger, metrics)', 'new EventHub(bus, metrics, logger)'],
  ['transfer', 'new DownloadFolder(collections, withheld)', 'new DownloadFolder(withheld, collections)'],
  [
    'transfer',
    'new SharedDocuments(files, collections, servedPieces)',
    'new SharedDocuments(collections, files, servedPieces)',
  ],
])('the wrong order of two constructor arguments in %s does not compile: %s', (app, right, wrong) => {
  copyApp(app);
  const file = join(copy, `apps/${app}/src/compose-${app}.ts`);
  const source = readFileSync(file, 'utf8');
  expect(source).toContain(right);
  writeFileSync(file, source.replace(right, wrong));
  // One error at this place, and none that the copy itself would cause.
  const errors = compile(app).filter((line) => /^\S/.test(line));
  const expected = new RegExp(`^apps/${app}/src/compose-${app}\\.ts\\(.* error TS\\d+: `);
  expect(errors).toEqual([expect.stringMatching(expected)]);
});

function copyApp(app: string): void {
  for (const path of ['tsconfig.base.json', `apps/${app}`])
    cpSync(join(project, path), join(copy, path), {
      recursive: true,
      filter: (source) => !/\/(node_modules|dist)$|\.spec\.ts$/.test(source),
    });
  for (const path of ['node_modules', `apps/${app}/node_modules`])
    if (existsSync(join(project, path))) symlinkSync(join(project, path), join(copy, path));
}

/** Declarations are left out: those of the copy would name libraries by paths outside of it. */
const NO_DECLARATIONS = ['--composite', 'false', '--declaration', 'false', '--declarationMap', 'false'];

const compile = (app: string) =>
  spawnSync(
    process.execPath,
    [join(project, 'node_modules/typescript/bin/tsc'), '-p', `apps/${app}`, '--noEmit', ...NO_DECLARATIONS],
    { cwd: copy, encoding: 'utf8' },
  ).stdout.split('\n');
