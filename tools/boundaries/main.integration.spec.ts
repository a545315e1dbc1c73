import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FEWEST_PRODUCT_FILES } from './sources.ts';

const project = join(import.meta.dirname, '../..');
let copy: string;

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'boundaries-'));
});
afterEach(() => rmSync(copy, { recursive: true }));

const check = (): { status: number | null; output: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts'), copy], {
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
};

const write = (path: string, source: string): void => {
  mkdirSync(dirname(join(copy, path)), { recursive: true });
  writeFileSync(join(copy, path), source);
};

const git = (...args: string[]): void => {
  expect(spawnSync('git', args, { cwd: copy }).status).toBe(0);
};

it('refuses one violation planted into a copy of this project', () => {
  const sources = globSync('{apps,libs}/*/src/**/*.ts', { cwd: project });
  for (const path of sources) cpSync(join(project, path), join(copy, path));
  const before = check();
  expect(before.status, before.output).toBe(0);

  write('apps/gateway/src/planted.ts', `import { watch } from 'chokidar';\nwatch('.');\n`);
  const after = check();
  expect(after.status).toBe(1);
  expect(after.output).toContain('apps/gateway/src/planted.ts:1 [one-home-for-chokidar]');
});

it('refuses to pass on too few files', () => {
  for (let i = 1; i < FEWEST_PRODUCT_FILES; i += 1) write(`libs/core/src/file-${i}.ts`, '');
  expect(check()).toMatchObject({ status: 1, output: expect.stringContaining('too few files') });
  write('libs/core/src/one-more.ts', '');
  expect(check()).toMatchObject({ status: 0 });
});

it('refuses to pass when git knows a file that it did not see', () => {
  for (let i = 0; i < FEWEST_PRODUCT_FILES; i += 1) write(`libs/core/src/file-${i}.ts`, '');
  write('libs/core/dist/hidden.ts', '');
  git('init', '-q');
  git('add', '.');
  expect(check()).toMatchObject({ status: 1, output: expect.stringContaining('libs/core/dist/hidden.ts is in git') });
});
