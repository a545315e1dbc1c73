import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Sighting } from '../seeing/sighting.ts';
import { Settling } from './settling.ts';

const SETTLE_MS = 100;
const version = (sizeBytes: number) => ({ sizeBytes, modifiedAtMs: 1, inode: '1:1' });

interface Write {
  readonly atMs: number;
  readonly isReported: boolean;
}

interface Fact {
  readonly atMs: number;
  readonly sighting: Sighting;
}

/** Plays the writes of a file that grows by a byte with each, and the looks at it; answers what was said of it. */
function play(writes: readonly Write[]): Fact[] {
  const settling = new Settling(SETTLE_MS);
  const facts: Fact[] = [];
  let sizeBytes = 0;
  const look = (atMs: number) => {
    if (settling.see('file', version(sizeBytes), atMs)) facts.push({ atMs, sighting: version(sizeBytes) });
  };
  const lookUntil = (endMs: number) => {
    for (let atMs = settling.nextCheckAtMs; atMs !== undefined && atMs <= endMs; atMs = settling.nextCheckAtMs) {
      if (settling.takeDue(atMs)) look(atMs);
    }
  };
  for (const { atMs, isReported } of writes) {
    lookUntil(atMs);
    sizeBytes++;
    if (isReported) look(atMs);
  }
  lookUntil(Number.POSITIVE_INFINITY);
  return facts;
}

const gapsBelow = (maximum: number) =>
  fc.array(fc.record({ gapMs: fc.integer({ min: 1, max: maximum }), isReported: fc.boolean() }), { maxLength: 30 });

/** The first write is always reported: of a file that nobody has mentioned there is nothing to say. */
function writesOf(gaps: readonly { gapMs: number; isReported: boolean }[]): Write[] {
  let atMs = 0;
  return [{ atMs, isReported: true }, ...gaps.map(({ gapMs, isReported }) => ({ atMs: (atMs += gapMs), isReported }))];
}

test('a burst of writes becomes one fact, about the last of them', () => {
  fc.assert(
    fc.property(gapsBelow(SETTLE_MS - 1), (gaps) => {
      const writes = writesOf(gaps);
      expect(play(writes).map(({ sighting }) => sighting)).toEqual([version(writes.length)]);
    }),
  );
});

test('nothing is said of a file that was written to within the settling time, reported or not', () => {
  fc.assert(
    fc.property(gapsBelow(SETTLE_MS * 3), (gaps) => {
      const writes = writesOf(gaps);
      for (const { atMs } of play(writes)) {
        const age = Math.min(...writes.map((write) => atMs - write.atMs).filter((ms) => ms > 0));
        expect(age).toBeGreaterThanOrEqual(SETTLE_MS);
      }
    }),
  );
});

test('what was reported last is said last, within two settling times', () => {
  fc.assert(
    fc.property(gapsBelow(SETTLE_MS * 3), (gaps) => {
      const writes = writesOf([...gaps, { gapMs: 1, isReported: true }]);
      const [last] = writes.slice(-1);
      const fact = play(writes).at(-1);
      expect(fact?.sighting).toEqual(version(writes.length));
      expect(fact?.atMs).toBeLessThanOrEqual((last?.atMs ?? 0) + 2 * SETTLE_MS);
    }),
  );
});

test('a path that comes back before it has settled as gone is not gone', () => {
  const settling = new Settling(SETTLE_MS);
  expect(settling.see('file', null, 0)).toBe(false);
  expect(settling.see('file', version(1), 60)).toBe(false);
  expect(settling.see('file', version(1), 150)).toBe(false);
  expect(settling.see('file', version(1), 160)).toBe(true);
  expect(settling.size).toBe(0);
});

test('paths come up in their order, each once for each settling time', () => {
  const settling = new Settling(SETTLE_MS);
  settling.see('a', version(1), 0);
  settling.see('b', version(1), 10);
  settling.see('a', version(2), 20);
  expect(settling.takeDue(109)).toBeUndefined();
  expect([settling.takeDue(130), settling.takeDue(130), settling.takeDue(130)]).toEqual(['b', 'a', undefined]);
  expect(settling.nextCheckAtMs).toBe(230);
  settling.forget('b');
  expect([settling.takeDue(230), settling.takeDue(230)]).toEqual(['a', undefined]);
});
