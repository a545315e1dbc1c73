import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OrderedSha256 } from './ordered-sha256.ts';

const pieces = Array.from({ length: 12 }, (_, index) => Buffer.from(`piece ${index}`));
const expected = createHash('sha256').update(Buffer.concat(pieces)).digest('hex');
const reader = { read: async (index: number) => pieces[index] ?? Buffer.alloc(0), release: () => {} };

test('in whatever order pieces come, the hash is that of the document', async () => {
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray([...pieces.keys()], { minLength: 12 }), fc.nat(11), async (order, pause) => {
      const hash = new OrderedSha256(pieces.length, reader);
      for (const [at, index] of order.entries()) {
        hash.add(index);
        if (at === pause) await Promise.resolve();
      }
      expect(await hash.digest()).toBe(expected);
    }),
  );
});

test('a missing piece, or one that can not be read, is an error', async () => {
  const missing = new OrderedSha256(2, reader);
  missing.add(0);
  await expect(missing.digest()).rejects.toThrow('piece 1 is missing');
  const read = () => Promise.reject(new Error('the disk is gone'));
  const unreadable = new OrderedSha256(1, { ...reader, read });
  unreadable.add(0);
  await expect(unreadable.digest()).rejects.toThrow('the disk is gone');
});
