import { expect, test } from 'vitest';
import { SESSION_MS, Sessions } from './sessions.ts';

test('a session is open until its time is over or it is ended', () => {
  const sessions = new Sessions();
  const [one, other] = [sessions.begin(0), sessions.begin(0)];
  expect(one).not.toBe(other);
  expect(sessions.isOpen(one, SESSION_MS - 1)).toBe(true);
  expect(sessions.isOpen(one, SESSION_MS)).toBe(false);
  sessions.end(other);
  expect(sessions.isOpen(other, 0)).toBe(false);
  expect(sessions.isOpen('guess', 0)).toBe(false);
});

test('the oldest session makes room for a new one', () => {
  const sessions = new Sessions(2);
  const tokens = [0, 1, 2].map((nowMs) => sessions.begin(nowMs));
  expect(tokens.map((token) => sessions.isOpen(token, 3))).toEqual([false, true, true]);
});
