import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  CLEAN,
  MISBEHAVIOURS,
  type Misbehaviour,
  SCORE_LIMIT,
  type Score,
  afterMisbehaviour,
  scoreNow,
} from './peer-score.ts';

const misbehaviours = fc.array(
  fc.record({
    kind: fc.constantFrom(...(Object.keys(MISBEHAVIOURS) as Misbehaviour[])),
    afterMs: fc.nat(3_600_000),
  }),
  { maxLength: 50 },
);

test('each misbehaviour adds its weight, and a score halves in ten minutes', () => {
  const once = afterMisbehaviour(CLEAN, 'violation', 1_000);
  expect(scoreNow(once, 1_000)).toBe(MISBEHAVIOURS.violation);
  expect(scoreNow(once, 601_000)).toBeCloseTo(MISBEHAVIOURS.violation / 2);
});

test('a score is never negative, never more than the sum of the weights, and decays to nothing', () => {
  fc.assert(
    fc.property(misbehaviours, (history) => {
      let [score, nowMs, sum] = [CLEAN, 0, 0];
      for (const { kind, afterMs } of history) {
        nowMs += afterMs;
        sum += MISBEHAVIOURS[kind];
        score = afterMisbehaviour(score, kind, nowMs);
        expect(scoreNow(score, nowMs)).toBeLessThanOrEqual(sum + 1e-9);
        expect(scoreNow(score, nowMs + 1)).toBeLessThanOrEqual(scoreNow(score, nowMs));
      }
      expect(scoreNow(score, nowMs + 24 * 3_600_000)).toBeLessThan(0.1);
    }),
  );
});

test('a clock that was set back forgives nothing and adds nothing', () => {
  const score = afterMisbehaviour(CLEAN, 'forged-record', 1_000_000);
  expect(scoreNow(score, 0)).toBe(MISBEHAVIOURS['forged-record']);
});

test.each<[number, Misbehaviour]>([
  [1, 'forged-record'],
  [4, 'violation'],
  [50, 'too-fast'],
  [100, 'too-many-streams'],
])('%i times %s bans a peer, once less does not', (times, kind) => {
  const after = (count: number) =>
    Array.from({ length: count }).reduce<Score>((score) => afterMisbehaviour(score, kind, 0), CLEAN);
  expect(scoreNow(after(times), 0)).toBeGreaterThanOrEqual(SCORE_LIMIT);
  expect(scoreNow(after(times - 1), 0)).toBeLessThan(SCORE_LIMIT);
});
