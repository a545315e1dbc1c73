import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Holdings } from './holdings.ts';

const pieces = fc.integer({ min: 1, max: 70 });

test('what was added and taken out is what is held, also after a way over the wire', () => {
  fc.assert(
    fc.property(pieces, fc.array(fc.tuple(fc.boolean(), fc.nat(80))), (count, changes) => {
      const holdings = new Holdings(count);
      const model = new Set<number>();
      for (const [adds, index] of changes) {
        const changed = adds ? holdings.add(index) : holdings.delete(index);
        const before = model.has(index);
        if (index < count && adds) model.add(index);
        else model.delete(index);
        expect(changed).toBe(model.has(index) !== before);
      }
      const held = [...model].toSorted((a, b) => a - b);
      expect([...holdings.indices()]).toEqual(held);
      expect([...new Holdings(count, holdings.toBytes()).indices()]).toEqual(held);
      expect(holdings.isWhole).toBe(held.length === count);
    }),
  );
});

test('bits beyond the last piece, as a stranger may set them, count for nothing', () => {
  fc.assert(
    fc.property(pieces, (count) => {
      const all = Holdings.whole(count);
      expect(all.isWhole).toBe(true);
      expect(all.has(count)).toBe(false);
      expect([...all.indices()]).toHaveLength(count);
    }),
  );
});
