import { expect, test } from 'vitest';
import { KeyGuesses } from './key-guesses.ts';

function guesses() {
  let nowMs = 0;
  const waiting: (() => void)[] = [];
  const kept = new KeyGuesses(
    () => nowMs,
    () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      return promise;
    },
  );
  return { kept, waiting, pass: (ms: number) => (nowMs += ms) };
}

test('ten wrong keys are answered at once, each further one after a delay', async () => {
  const { kept, waiting, pass } = guesses();
  for (let i = 0; i < 10; i++) await kept.count('192.0.2.1');
  expect(waiting).toHaveLength(0);
  const eleventh = kept.count('192.0.2.1');
  expect(waiting).toHaveLength(1);
  await kept.count('192.0.2.2');
  pass(6_000);
  await kept.count('192.0.2.1');
  expect(waiting).toHaveLength(1);
  waiting[0]?.();
  await eleventh;
});

test('the keys of an address with 16 delayed answers are refused until one of them is sent', async () => {
  const { kept, waiting } = guesses();
  const counted = Array.from({ length: 26 }, () => kept.count('192.0.2.1'));
  expect(kept.areTooMany('192.0.2.1')).toBe(true);
  expect(kept.areTooMany('192.0.2.2')).toBe(false);
  waiting[0]?.();
  await counted[10];
  expect(kept.areTooMany('192.0.2.1')).toBe(false);
});

test('delayed answers are limited in total, too', async () => {
  const { kept, waiting } = guesses();
  const addresses = Array.from({ length: 16 }, (_, host) => `192.0.2.${host}`);
  const counted = addresses.flatMap((address) => Array.from({ length: 26 }, () => kept.count(address)));
  expect(kept.areTooMany('203.0.113.1')).toBe(true);
  for (const answer of waiting) answer();
  await Promise.all(counted);
  expect(kept.areTooMany('203.0.113.1')).toBe(false);
});
