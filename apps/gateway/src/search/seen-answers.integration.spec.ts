// Real: SQLite in a temporary folder.
import { join } from 'node:path';
import { SearchRequest } from '@allibrary/contracts';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NetworkAnswer } from './search-progress.ts';
import { SeenAnswers } from './seen-answers.ts';

let folder: TempFolder;
let seen: SeenAnswers;
let nowMs = 0;
const open = () => new SeenAnswers(join(folder.path, 'searches.db'), () => nowMs);
beforeEach(async () => {
  folder = await tempFolder();
  seen = open();
});
afterEach(async () => {
  seen.close();
  await folder.remove();
});

const question = (text: string, more: object = {}): SearchRequest => SearchRequest.parse({ text, ...more });
const answer = (askedAtMs: number, failed: string[] = []): NetworkAnswer => ({
  ...{ askedAtMs, asked: ['p1', ...failed], failed },
  peers: [['p1', { hits: [], total: null, seenAtMs: null }]],
  sources: [['a', [{ peerId: 'p1', seenAtMs: 3 }]]],
});

test('an answer survives a restart, and is found only by its own question', () => {
  nowMs = 10;
  seen.keep(question('heron', { limit: 5 }), answer(10));
  seen.close();
  seen = open();
  expect(seen.find(question('heron', { limit: 20 }))).toEqual(answer(10));
  expect(seen.find(question('herons'))).toBeNull();
  expect(seen.find(question('heron', { order: 'title' }))).toBeNull();
});

test('a later answer replaces an earlier one, and an old one is forgotten', () => {
  nowMs = 10;
  seen.keep(question('heron'), answer(9));
  seen.keep(question('heron'), answer(10));
  expect(seen.find(question('heron'))?.askedAtMs).toBe(10);
  nowMs = 10 + 8 * 24 * 3_600_000;
  expect(seen.find(question('heron'))).toBeNull();
});

test('only the latest answers are kept, and none that is too large', () => {
  nowMs = 2_000;
  for (let n = 1; n <= 1_005; n++) seen.keep(question(`n${n}`), answer(n));
  expect([5, 6, 1_005].map((n) => seen.find(question(`n${n}`)) !== null)).toEqual([false, true, true]);
  const random = Array.from({ length: 200_000 }, (_, n) => `${(n * 2_654_435_761) % 4_294_967_296}`);
  seen.keep(question('long'), answer(1_999, random));
  expect(seen.find(question('long'))).toBeNull();
});
