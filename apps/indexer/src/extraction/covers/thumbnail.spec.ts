import fc from 'fast-check';
import { expect, test } from 'vitest';
import { thumbnailOf } from './thumbnail.ts';

test('each dot is the mean of those that it stands for, on white paper', () => {
  const data = Uint8Array.from([
    ...[100, 0, 0, 255],
    ...[200, 0, 0, 255],
    ...[0, 0, 0, 0],
    ...[0, 0, 0, 0],
    ...[100, 0, 0, 255],
    ...[200, 0, 0, 255],
    ...[0, 0, 0, 255],
    ...[0, 0, 0, 255],
  ]);
  expect(thumbnailOf({ width: 4, height: 2, data }, 2)).toEqual({
    width: 2,
    height: 1,
    data: Uint8Array.from([150, 0, 0, 255, 128, 128, 128, 255]),
  });
});

test('a small picture stays as it is', () => {
  const picture = { width: 1, height: 2, data: Uint8Array.from([1, 2, 3, 255, 4, 5, 6, 255]) };
  expect(thumbnailOf(picture, 320)).toEqual(picture);
});

test('a picture of any size fits into the square, and keeps its one colour', () => {
  const size = fc.integer({ min: 1, max: 120 });
  fc.assert(
    fc.property(size, size, size, (width, height, side) => {
      const thumbnail = thumbnailOf({ width, height, data: new Uint8Array(width * height * 4).fill(77) }, side);
      expect(Math.max(thumbnail.width, thumbnail.height)).toBeLessThanOrEqual(Math.max(1, side));
      expect(thumbnail.data).toHaveLength(thumbnail.width * thumbnail.height * 4);
      expect(new Set(thumbnail.data.filter((_, at) => at % 4 !== 3)).size).toBe(1);
    }),
  );
});
