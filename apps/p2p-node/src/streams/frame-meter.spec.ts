import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameMeter } from './frame-meter.ts';

const MOST = 100;

function frame(type: number, length: number, body = type === 0 ? length : 0): Buffer {
  const header = Buffer.from([0, type, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
  header.writeUInt32BE(length, 8);
  return Buffer.concat([header, Buffer.alloc(body, 0xff)]);
}

test('frames up to the limit pass, however they are cut into chunks, and nothing is unfinished after them', () => {
  const frames = fc.array(fc.tuple(fc.constantFrom(0, 1, 2, 3), fc.nat(MOST)), { maxLength: 20 });
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (all, cuts) => {
      const bytes = Buffer.concat(all.map(([type, length]) => frame(type, length)));
      const meter = new FrameMeter(MOST);
      for (let [at, n] = [0, 0]; at < bytes.length; n++) {
        const size = cuts[n % cuts.length] ?? 1;
        expect(meter.read([bytes.subarray(at, at + size)])).toBe(true);
        at += size;
      }
      expect(meter.unfinishedBytes).toBe(0);
    }),
  );
});

test('a data frame that announces too many bytes is refused by its header', () => {
  expect(new FrameMeter(MOST).read([frame(0, MOST + 1, 0)])).toBe(false);
  expect(new FrameMeter(MOST).read([frame(0, 0xffffffff, 0)])).toBe(false);
});

test('the length field of a window update or a ping is not a number of bytes', () => {
  const meter = new FrameMeter(MOST);
  expect(meter.read([frame(1, 0xffffffff), frame(2, 0xffffffff), frame(0, 1)])).toBe(true);
});

test('the received part of a frame counts as unfinished', () => {
  const meter = new FrameMeter(MOST);
  const bytes = frame(0, 50);
  meter.read([bytes.subarray(0, 7)]);
  expect(meter.unfinishedBytes).toBe(7);
  meter.read([bytes.subarray(7, 40)]);
  expect(meter.unfinishedBytes).toBe(28);
});
