import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BuildStamp } from './build-stamp.ts';

let root: string;
let stamp: BuildStamp;

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'allibrary-stamp-'));
  write('package-lock.json', '{}');
  write('apps/one/src/main.ts', 'export {};');
  write('apps/one/dist/main.js', 'export {};');
  stamp = new BuildStamp(root);
  stamp.write(stamp.inputs());
});
afterEach(() => rmSync(root, { recursive: true }));

test('a build of the same sources is there, also for another process', () => {
  expect(new BuildStamp(root).isOf(stamp.inputs())).toBe(true);
});

test.each([
  ['a changed source', 'apps/one/src/main.ts', 'export { };'],
  ['a new source', 'libs/two/src/index.ts', ''],
  ['another lockfile', 'package-lock.json', '{"lockfileVersion":3}'],
  ['a damaged output', 'apps/one/dist/main.js', ''],
])('%s asks for a build', (_, path, text) => {
  write(path, text);
  expect(stamp.isOf(stamp.inputs())).toBe(false);
});

test('an output that is gone asks for a build', () => {
  rmSync(join(root, 'apps/one/dist/main.js'));
  expect(stamp.isOf(stamp.inputs())).toBe(false);
});

test('installed packages are no sources', () => {
  write('apps/one/node_modules/some/index.js', 'changed');
  expect(stamp.isOf(stamp.inputs())).toBe(true);
});

test('what a running program compiles is no change', () => {
  write('apps/one/dist/compile-cache/v24/1', 'compiled');
  expect(stamp.isOf(stamp.inputs())).toBe(true);
});
