import { expect, test } from 'vitest';
import { EtaEstimator } from './eta-estimator.ts';

const estimatorOf = (...samples: [atMs: number, waiting: number][]): EtaEstimator => {
  const estimator = new EtaEstimator();
  for (const [atMs, waiting] of samples) estimator.add({ atMs, waiting });
  return estimator;
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
  expect(estimatorOf(...samples).secondsLeft).toBe(seconds);
});

test('what waits is what was seen last', () => {
  expect([estimatorOf().waiting, estimatorOf([0, 7], [1, 3]).waiting]).toEqual([null, 3]);
});
