import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ConnectedPeer, missing, peersToPrune } from './connection-target.ts';

const peers = fc.uniqueArray(
  fc.record<ConnectedPeer>({
    peerId: fc.uuid(),
    isProtected: fc.boolean(),
    isLibrary: fc.boolean(),
    score: fc.nat(200),
    isBusy: fc.boolean(),
    connectedAtMs: fc.nat(1_000),
  }),
  { selector: ({ peerId }) => peerId, maxLength: 60 },
);
const target = fc.record({ low: fc.nat(20), high: fc.integer({ min: 21, max: 40 }) });

test('no protected peer is pruned, no library while a stranger stays, and never more than the surplus', () => {
  fc.assert(
    fc.property(target, peers, (wanted, connected) => {
      const going = new Set(peersToPrune(wanted, connected));
      const gone = connected.filter(({ peerId }) => going.has(peerId));
      const staying = connected.filter(({ peerId }) => !going.has(peerId));
      expect(gone.some(({ isProtected }) => isProtected)).toBe(false);
      if (gone.some(({ isLibrary }) => isLibrary))
        expect(staying.some(({ isLibrary, isProtected }) => !isLibrary && !isProtected)).toBe(false);
      const prunable = connected.filter(({ isProtected }) => !isProtected).length;
      expect(gone.length).toBe(Math.min(prunable, Math.max(0, connected.length - wanted.high)));
    }),
  );
});

test('peers are missing up to the lower mark', () => {
  expect([0, 19, 20, 21].map((connected) => missing({ low: 20, high: 100 }, connected))).toEqual([20, 1, 0, 0]);
});
