import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Census, judge } from './vanishing.ts';

const limits = { percent: 20, files: 20 };
const census = (knownFiles: number, missingFiles: number, isRootExchanged = false): Census => ({
  knownFiles,
  missingFiles,
  isRootExchanged,
  examples: [],
});
const verdict = (...of: Parameters<typeof census>) => judge(census(...of), limits).kind;

const anyCensus = fc
  .tuple(fc.nat(100_000), fc.nat(100_000), fc.boolean())
  .map(([one, other, isExchanged]) => census(Math.max(one, other), Math.min(one, other), isExchanged));
const anyLimits = fc.record({ percent: fc.integer({ min: 1, max: 100 }), files: fc.integer({ min: 1, max: 10_000 }) });

test('both limits must be reached', () => {
  expect(verdict(100, 20)).toBe('freeze');
  expect(verdict(100, 19)).toBe('believe');
  expect(verdict(101, 20)).toBe('believe');
  expect(verdict(5, 5)).toBe('believe');
});

test('in a folder that is another one, the share alone counts', () => {
  expect(verdict(5, 5, true)).toBe('freeze');
  expect(verdict(5, 1, true)).toBe('freeze');
  expect(verdict(6, 1, true)).toBe('believe');
});

test('a folder that holds all its files is believed, whatever its device is called now', () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.boolean(), anyLimits, (files, isExchanged, some) => {
      expect(judge(census(files, 0, isExchanged), some).kind).toBe('believe');
    }),
  );
});

test('what freezes still freezes when more is missing, and what is believed when more is back', () => {
  fc.assert(
    fc.property(anyCensus, anyLimits, fc.nat(1_000), (seen, some, more) => {
      const worse = { ...seen, missingFiles: Math.min(seen.knownFiles, seen.missingFiles + more) };
      if (judge(seen, some).kind === 'freeze') expect(judge(worse, some).kind).toBe('freeze');
    }),
  );
});

test('never is a larger share than the set one called lost of more files than the set number', () => {
  fc.assert(
    fc.property(anyCensus, anyLimits, (seen, some) => {
      const isBelieved = judge(seen, some).kind === 'believe';
      const share = (seen.missingFiles / seen.knownFiles) * 100;
      if (isBelieved && seen.missingFiles >= some.files) expect(share).toBeLessThan(some.percent);
    }),
  );
});

test('the evidence says how much, where and what, and never more than its contract holds', () => {
  const examples = Array.from({ length: 3 }, (_, n) => `${n}\n`.repeat(3_000));
  const frozen = judge({ ...census(100, 100, true), examples }, limits);
  expect(frozen).toMatchObject({ kind: 'freeze', evidence: expect.stringContaining('100 of 100 files vanished') });
  expect(frozen.kind === 'freeze' && frozen.evidence.length <= 1_000 && !frozen.evidence.includes('\n')).toBe(true);
});
