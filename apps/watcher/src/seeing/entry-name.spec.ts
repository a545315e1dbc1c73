import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { isHidden, readEntryName } from './entry-name.ts';

const read = (folder: string, name: string | number[]) => readEntryName(folder, Buffer.from(name as string));

test('a name becomes a path, whatever characters it has', () => {
  expect(read('', 'a.txt')).toEqual({ kind: 'path', path: 'a.txt' });
  expect(read('b', 'two\nlines 📚.txt')).toEqual({ kind: 'path', path: 'b/two\nlines 📚.txt' });
  expect(read('', '\uFEFFmark.txt')).toEqual({ kind: 'path', path: '\uFEFFmark.txt' });
  expect(read('', '\uFFFD.txt')).toEqual({ kind: 'path', path: '\uFFFD.txt' });
});

test('a name that begins with a dot is hidden, valid or not', () => {
  expect(read('b', '.allibrary')).toEqual({ kind: 'hidden' });
  expect(read('', [0x2e, 0xff])).toEqual({ kind: 'hidden' });
});

test('a name that is no UTF-8 is skipped, and shown in ASCII', () => {
  expect(read('b', [0x61, 0xff, 0xc3])).toEqual({ kind: 'skipped', path: 'b/a\\xff\\xc3', reason: 'invalid-name' });
  expect(read('', [0xed, 0xa0, 0x80])).toMatchObject({ kind: 'skipped' }); // a lone surrogate
});

test('names of up to 255 bytes and paths of up to 4096 are shared', () => {
  expect(read('', 'é'.repeat(127))).toMatchObject({ kind: 'path' });
  expect(read('', 'é'.repeat(128))).toMatchObject({ kind: 'skipped', reason: 'name-too-long' });
  expect(read('f'.repeat(4094), 'n')).toMatchObject({ kind: 'path' });
  expect(read('f'.repeat(4095), 'n')).toMatchObject({ kind: 'skipped', reason: 'name-too-long' });
});

test('a path is hidden when one of its names is', () => {
  expect(['.a', 'a/.b', 'a/.b/c', 'a.b/c', 'a'].map(isHidden)).toEqual([true, true, true, false, false]);
});
