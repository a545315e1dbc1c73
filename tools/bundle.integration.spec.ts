import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const BUNDLE = join(import.meta.dirname, 'bundle.ts');
let app: string;

beforeEach(() => {
  app = mkdtempSync(join(tmpdir(), 'allibrary-bundle-'));
  mkdirSync(join(app, 'dist', 'deep'), { recursive: true });
  writeFileSync(join(app, 'package.json'), '{"type":"module"}');
});
afterEach(() => rmSync(app, { recursive: true }));

/** Bundles a program that prints an export of its module, deletes the module, and runs the bundle. */
function run(module: string): string {
  writeFileSync(join(app, 'dist/deep/exported.js'), module);
  writeFileSync(join(app, 'dist/main.js'), `import { exported } from './deep/exported.js'; console.log(exported);`);
  expect(spawnSync(process.execPath, [BUNDLE, 'dist/main.js'], { cwd: app, encoding: 'utf8' }).stderr).toBe('');
  rmSync(join(app, 'dist/deep/exported.js'));
  return spawnSync(process.execPath, ['dist/main.js'], { cwd: app, encoding: 'utf8' }).stdout.trim();
}

test('a module finds its neighbours from the bundle', () => {
  expect(run('export const exported = import.meta.dirname;')).toBe(join(app, 'dist/deep'));
});

test('a bundle is ASCII and prints the same', () => {
  expect(run(`export const exported = 'Größe – 書 😀';`)).toBe('Größe – 書 😀');
  expect(readFileSync(join(app, 'dist/main.js'), 'latin1')).toMatch(/^[\0-\x7f]*$/);
});

test('a needless backslash before a character beyond ASCII changes nothing', () => {
  expect(run(String.raw`export const exported = /^\–\\–$/.test('–\\–') + '\\–';`)).toBe('true\\–');
});
