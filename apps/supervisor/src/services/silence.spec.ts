import { expect, test } from 'vitest';
import { Silence } from './silence.ts';

/** Records failed checks, one a second, and returns the time of the last one. */
function silent(silence: Silence, fromMs: number, checks: number): number {
  for (let i = 0; i < checks; i++) silence.note('indexer', false, fromMs + i * 1_000);
  return fromMs + (checks - 1) * 1_000;
}

test('a service hangs that has not answered within the limit, unless it answered in between', () => {
  const silence = new Silence(5_000);
  expect(silence.isHung('indexer', silent(silence, 0, 5))).toBe(false);
  expect(silence.isHung('indexer', silent(silence, 5_000, 1))).toBe(true);
  expect(silence.isHung('transfer', 5_000)).toBe(false);
  silence.note('indexer', true, 6_000);
  expect(silence.isHung('indexer', silent(silence, 7_000, 4))).toBe(false);
});

test('two failed checks are not enough, however far apart: the supervisor itself may have been suspended', () => {
  const silence = new Silence(5_000);
  silence.note('indexer', false, 0);
  silence.note('indexer', false, 3_600_000);
  expect(silence.isHung('indexer', 3_600_000)).toBe(false);
});

test('a new process has more time until its first answer', () => {
  const silence = new Silence(5_000);
  silence.restarted('indexer');
  expect(silence.isHung('indexer', silent(silence, 0, 20))).toBe(false);
  expect(silence.isHung('indexer', silent(silence, 20_000, 1))).toBe(true);
  silence.note('indexer', true, 21_000);
  expect(silence.isHung('indexer', silent(silence, 22_000, 6))).toBe(true);
});
