import { expect, test } from 'vitest';
import { Pace } from './pace.ts';

const paceOf = (...samples: [atMs: number, waiting: number][]): Pace => {
  const pace = new Pace();
  for (const [atMs, waiting] of samples) pace.add({ atMs, waiting });
  return pace;
};

test.each<[string, [number, number][], number | null]>([
  ['nobody has looked', [], null],
  ['somebody looked once', [[0, 100]], null],
  ['nothing waits', [[0, 0]], 0],
  [
    'it gets less',
    [
      [0, 100],
      [5_000, 90],
    ],
    45,
  ],
  [
    'it gets more',
    [
      [0, 100],
      [5_000, 110],
    ],
    null,
  ],
  [
    'it goes faster than a minute ago',
    [
      [0, 1_000],
      [61_000, 990],
      [66_000, 90],
    ],
    1,
  ],
])('when %s', (_when, samples, seconds) => {
  expect(paceOf(...samples).secondsLeft).toBe(seconds);
});

test('what waits is what was seen last', () => {
  expect([paceOf().waiting, paceOf([0, 7], [1, 3]).waiting]).toEqual([null, 3]);
});
