import { expect, test } from 'vitest';
import { BusJudge } from './bus-judge.ts';

const SECOND = 1_000;

test('a bus that answers is left alone, also when its disk is full', () => {
  const judge = new BusJudge(0);
  for (const hasRoom of [true, false]) expect(judge.judge(true, hasRoom, 500 * SECOND)).toBe('nothing');
});

test('a bus that is slow once or twice is left alone', () => {
  const judge = new BusJudge(0);
  judge.judge(true, true, 0);
  expect(judge.judge(false, true, 5 * SECOND)).toBe('nothing');
  expect(judge.judge(false, true, 15 * SECOND)).toBe('nothing');
  judge.judge(true, true, 20 * SECOND);
  expect(judge.judge(false, true, 25 * SECOND)).toBe('nothing');
  expect(judge.judge(false, true, 39 * SECOND)).toBe('nothing');
});

test('a broken bus is started again as soon as there is room', () => {
  const judge = new BusJudge(0);
  judge.judge(true, true, 0);
  judge.judge(false, false, 5 * SECOND);
  expect(judge.judge(false, false, 20 * SECOND)).toBe('wait-for-room');
  expect(judge.judge(false, false, 3_600 * SECOND)).toBe('wait-for-room');
  expect(judge.judge(false, true, 3_605 * SECOND)).toBe('restart');
});

test('a server that starts gets two minutes for its store, after each start', () => {
  const judge = new BusJudge(0);
  expect(judge.judge(false, true, 119 * SECOND)).toBe('nothing');
  expect(judge.judge(false, true, 120 * SECOND)).toBe('restart');
  judge.restarted(130 * SECOND);
  expect(judge.judge(false, true, 249 * SECOND)).toBe('nothing');
  expect(judge.judge(false, true, 250 * SECOND)).toBe('restart');
});

test('after a full disk a bus that fails is started again at once, also one that never answered', () => {
  for (const answeredFirst of [true, false]) {
    const judge = new BusJudge(0);
    if (answeredFirst) judge.judge(true, true, 0);
    judge.judge(false, false, 10 * SECOND);
    expect(judge.judge(false, true, 14 * SECOND)).toBe('nothing');
    expect(judge.judge(false, true, 15 * SECOND)).toBe('restart');
  }
});

test('a bus whose disk was full is suspect until it worked while there was room, also when it was restarted', () => {
  const judge = new BusJudge(0);
  judge.judge(true, true, 0);
  expect(judge.isSuspect).toBe(false);
  judge.judge(true, false, 5 * SECOND);
  expect(judge.isSuspect).toBe(true);
  judge.judge(false, true, 10 * SECOND);
  judge.restarted(15 * SECOND);
  expect(judge.isSuspect).toBe(true);
  expect(judge.judge(false, true, 30 * SECOND)).toBe('nothing'); // it reads its store
  judge.judge(true, true, 40 * SECOND);
  expect(judge.isSuspect).toBe(false);
});
