import { afterEach, expect, test, vi } from 'vitest';
import { closeInTurn } from './close-in-turn.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('parts that fail or hang do not keep the others open, and are reported', async () => {
  vi.useFakeTimers();
  const closed: string[] = [];
  const part = (name: string) => ({ close: () => void closed.push(name) });
  const failing = { close: () => Promise.reject(new Error('the disk is away')) };
  const throwing = {
    close: () => {
      throw new Error('it was never open');
    },
  };
  const hanging = { close: () => new Promise<void>(() => {}) };
  const groups = [{ queue: part('queue'), failing }, { throwing, sessions: part('sessions') }, { port: hanging }];
  const failure = closeInTurn([...groups, { store: part('store') }]).catch(String);
  await vi.advanceTimersByTimeAsync(9_000); // platform ends the process after 10 s
  expect(closed).toEqual(['queue', 'sessions', 'store']);
  expect(await failure).toMatch(/3 parts.*the disk is away.*never open.*port did not close within/);
});
