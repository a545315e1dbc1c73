import { join } from 'node:path';
import { expect, it } from 'vitest';
import { addTallies, summaryLine, tally } from './test-tally.ts';

const file = (status: string, ...tests: string[]) => ({
  name: join(process.cwd(), 'some.spec.ts'),
  status,
  message: 'Error: no module\n  at line 1',
  assertionResults: tests.map((test, i) => ({
    status: test,
    fullName: `test ${i}`,
    failureMessages: test === 'failed' ? ['Error: expected 1\nto be 2'] : [],
  })),
});

it('counts tests by how they ended, and names those that failed with their file and reason', () => {
  const testResults = [file('failed', 'passed', 'failed', 'failed'), file('passed', 'passed', 'skipped', 'todo')];
  expect(tally({ testResults }, 1)).toEqual({
    passed: 2,
    failed: ['some.spec.ts: test 1: Error: expected 1', 'some.spec.ts: test 2: Error: expected 1'],
    skipped: ['test 1', 'test 2'],
  });
});

it('counts a file that could not be loaded as one failure', () => {
  expect(tally({ testResults: [file('failed'), file('passed', 'passed')] }, 1)).toMatchObject({
    passed: 1,
    failed: ['some.spec.ts: Error: no module'],
  });
});

it('counts a failing hook, whose tests never ran, as one failure', () => {
  expect(tally({ testResults: [file('failed', 'skipped')] }, 1)).toMatchObject({
    passed: 0,
    failed: ['some.spec.ts: Error: no module'],
  });
});

it('counts an error outside of all tests as one failure', () => {
  expect(tally({ testResults: [file('passed', 'passed')] }, 1)).toMatchObject({
    passed: 1,
    failed: ['the run itself: it ended with code 1'],
  });
});

it('adds up several runs and names the skipped only when there are some', () => {
  const one = { passed: 2, failed: [], skipped: [] };
  expect(summaryLine(addTallies([one, one]))).toBe('4 passed, 0 failed');
  expect(summaryLine(addTallies([one, { passed: 0, failed: ['b'], skipped: ['a'] }]))).toBe(
    '2 passed, 1 failed, 1 skipped',
  );
});
