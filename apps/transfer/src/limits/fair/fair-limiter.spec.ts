import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FairLimiter } from './fair-limiter.ts';

const MIB = 1_048_576;
const SECOND = 1_000;

interface Flow {
  readonly path: readonly [string, string];
  /** How many items it keeps waiting. */
  readonly depth: number;
  readonly itemBytes: number;
}

interface Admitted {
  readonly atMs: number;
  readonly bytes: number;
  readonly flow: Flow;
}

/** Lets flows that always want more run against a limiter, whose timer may come late. */
function simulate(
  flows: readonly Flow[],
  rateAt: (nowMs: number) => number,
  seconds: number,
  lateMs: (nowMs: number) => number = () => 0,
): Admitted[] {
  const limiter = new FairLimiter<Flow>(0);
  const admitted: Admitted[] = [];
  for (const flow of flows) for (let i = 0; i < flow.depth; i++) limiter.push(flow.path, flow.itemBytes, flow);
  let rate = -1;
  for (let nowMs = 0; nowMs <= seconds * SECOND; ) {
    if (rateAt(nowMs) !== rate) {
      rate = rateAt(nowMs);
      limiter.limit(rate, nowMs);
    }
    for (const { bytes, item } of limiter.admit(nowMs)) {
      admitted.push({ atMs: nowMs, bytes, flow: item });
      limiter.push(item.path, item.itemBytes, item);
    }
    nowMs += Math.min(limiter.dueInMs, 250) + lateMs(nowMs);
  }
  return admitted;
}

const sum = (admitted: readonly Admitted[]): number => admitted.reduce((total, { bytes }) => total + bytes, 0);
const between = (admitted: readonly Admitted[], fromMs: number, toMs: number): number =>
  sum(admitted.filter(({ atMs }) => atMs >= fromMs && atMs < toMs));

const flowOf = (peer: string, document: string, depth = 6, itemBytes = MIB): Flow => ({
  path: [peer, document],
  depth,
  itemBytes,
});

describe('the rate', () => {
  test('is kept to 5 % in every window of ten seconds, whatever the flows and with late timers', () => {
    const anyFlow = fc.record({
      path: fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('x', 'y')),
      depth: fc.integer({ min: 1, max: 8 }),
      itemBytes: fc.integer({ min: 1_000, max: MIB }),
    });
    const rate = 5 * MIB;
    fc.assert(
      fc.property(fc.array(anyFlow, { minLength: 1, maxLength: 5 }), fc.integer({ min: 0, max: 80 }), (flows, late) => {
        const admitted = simulate(
          flows,
          () => rate,
          16,
          (nowMs) => (nowMs * 7) % (late + 1),
        );
        for (let fromMs = 0; fromMs <= 6 * SECOND; fromMs += 500) {
          const share = between(admitted, fromMs, fromMs + 10 * SECOND) / (10 * rate);
          expect(Math.abs(share - 1)).toBeLessThan(0.05);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('changes at once, up and down', () => {
    const admitted = simulate(
      [flowOf('a', 'x'), flowOf('b', 'y')],
      (nowMs) => (nowMs < 10 * SECOND ? 5 * MIB : nowMs < 20 * SECOND ? 20 * MIB : 2 * MIB),
      30,
    );
    expect(between(admitted, 10 * SECOND, 11 * SECOND) / MIB).toBeGreaterThan(17);
    expect(between(admitted, 20 * SECOND + 250, 25 * SECOND) / MIB).toBeLessThan(11);
    expect(between(admitted, 20 * SECOND + 250, 30 * SECOND) / MIB).toBeGreaterThan(17);
  });

  test('of nought admits nothing, and none at all admits everything', () => {
    expect(simulate([flowOf('a', 'x')], () => 0, 5)).toEqual([]);
    const limiter = new FairLimiter<string>(0);
    for (let i = 0; i < 100; i++) limiter.push(['a'], MIB, `${i}`);
    expect([...limiter.admit(0)]).toHaveLength(100);
    expect([limiter.dueInMs, limiter.waitingBytes]).toEqual([Number.POSITIVE_INFINITY, 0]);
  });

  test('a pause is not saved up', () => {
    const limiter = new FairLimiter<string>(0);
    limiter.limit(MIB, 0);
    for (let i = 0; i < 100; i++) limiter.push(['a'], 100_000, `${i}`);
    const bytes = [...limiter.admit(3_600 * SECOND)].reduce((total, each) => total + each.bytes, 0);
    expect(bytes).toBeLessThanOrEqual(0.2 * MIB + 100_000);
  });
});

describe('fairness', () => {
  const sharesOf = (flows: readonly Flow[], seconds = 20): number[] => {
    const admitted = simulate(flows, () => 10 * MIB, seconds);
    return flows.map((flow) => sum(admitted.filter((each) => each.flow === flow)) / sum(admitted));
  };

  test('a peer with many requests open gets no more than one with few', () => {
    const [greedy = 0, modest = 0] = sharesOf([flowOf('greedy', 'x', 32), flowOf('modest', 'x', 2)]);
    expect(greedy / modest).toBeCloseTo(1, 1);
  });

  test('bytes count, not pieces', () => {
    const [large = 0, small = 0] = sharesOf([flowOf('large', 'x', 6, MIB), flowOf('small', 'x', 6, 50_000)]);
    expect(large / small).toBeCloseTo(1, 1);
  });

  test('the documents of one peer share what this peer gets', () => {
    const shares = sharesOf([flowOf('a', 'x'), flowOf('a', 'y'), flowOf('b', 'x')], 40);
    for (const [at, expected] of [0.25, 0.25, 0.5].entries()) expect(shares[at]).toBeCloseTo(expected, 1);
  });

  test('any number of flows that always want more get the same', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ depth: fc.integer({ min: 2, max: 32 }), itemBytes: fc.integer({ min: 20_000, max: MIB }) }),
          {
            minLength: 2,
            maxLength: 8,
          },
        ),
        (flows) => {
          const shares = sharesOf(flows.map(({ depth, itemBytes }, at) => flowOf(`${at}`, 'x', depth, itemBytes)));
          expect(Math.max(...shares) - Math.min(...shares)).toBeLessThan(0.02);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('one that comes and goes gets no more than its part', () => {
    const limiter = new FairLimiter<string>(0);
    limiter.limit(10 * MIB, 0);
    for (let i = 0; i < 400; i++) limiter.push(['steady', 'x'], MIB, 'steady');
    const got = { steady: 0, single: 0 };
    limiter.push(['single', 'x'], MIB, 'single');
    for (let nowMs = 0; nowMs < 20 * SECOND; nowMs += 10)
      for (const { item } of limiter.admit(nowMs)) {
        got[item as keyof typeof got] += 1;
        if (item === 'single') limiter.push(['single', 'x'], MIB, 'single');
      }
    expect(got.steady).toBeGreaterThanOrEqual(got.single - 1);
  });

  test('one that gives up frees its place', () => {
    const limiter = new FairLimiter<string>(0);
    limiter.limit(MIB, 0);
    limiter.push(['a', 'x'], MIB, 'leaves');
    limiter.push(['a', 'x'], 1_000, 'stays');
    limiter.remove(['a', 'x'], (item) => item === 'leaves');
    limiter.remove(['nobody', 'x'], () => true);
    expect(limiter.waitingBytes).toBe(1_000);
    expect([...limiter.admit(100)].map(({ item }) => item)).toEqual(['stays']);
  });
});
