import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogFile } from './log-file.ts';

let folder: TempFolder;
let path: string;

beforeEach(async () => {
  folder = await tempFolder();
  path = join(folder.path, 'logs', 'gateway.log');
});
afterEach(() => folder.remove());

const read = (file: string) => readFileSync(file, 'utf8');

test('goes on where an earlier process ended, readable for its owner only', () => {
  new LogFile(path).write('one');
  new LogFile(path).write('two');
  expect(read(path)).toBe('one\ntwo\n');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('is full to the last byte before it becomes the old one, of which there is one', () => {
  const log = new LogFile(path, 8);
  for (const line of ['1st', '2nd']) log.write(line);
  expect(readdirSync(join(folder.path, 'logs'))).toEqual(['gateway.log']);
  for (const line of ['3rd', '4th', '5th']) log.write(line);
  expect(read(path)).toBe('5th\n');
  expect(read(`${path}.old`)).toBe('3rd\n4th\n');
  expect(readdirSync(join(folder.path, 'logs'))).toHaveLength(2);
});

test('counts bytes, also those that were there', () => {
  new LogFile(path, 8).write('äöü');
  new LogFile(path, 8).write('x');
  expect(read(path)).toBe('x\n');
});

test('takes a line that is longer than the limit', () => {
  const log = new LogFile(path, 4);
  log.write('0123456789');
  log.write('x');
  expect(read(`${path}.old`)).toBe('0123456789\n');
  expect(read(path)).toBe('x\n');
});
