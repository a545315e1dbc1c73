import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LogSums } from './log-sums.ts';

let lines: string[];
const write = (_: object, message: string): void => void lines.push(message);
const picture = (sums: LogSums, name: string): void => sums.add('pictures', { path: name }, `${name} not read`);

beforeEach(() => {
  vi.useFakeTimers();
  lines = [];
});
afterEach(() => void vi.useRealTimers());

test('300 events within a minute are one line, with the number of each kind', () => {
  const logged: object[] = [];
  const sums = new LogSums((fields, message) => logged.push({ ...fields, message }), { what: 'documents not read' });
  for (let i = 0; i < 290; i++) picture(sums, `${i}.png`);
  for (let i = 0; i < 10; i++) sums.add('application/pdf', { path: `${i}.pdf` }, 'not read');
  expect(logged).toEqual([]);
  vi.advanceTimersByTime(60_000);
  expect(logged).toEqual([
    {
      total: 300,
      kinds: { pictures: 290, 'application/pdf': 10 },
      example: { path: '9.pdf' },
      message: '300 documents not read within 60 s: pictures 290, application/pdf 10',
    },
  ]);
  vi.advanceTimersByTime(600_000);
  expect(logged).toHaveLength(1);
});

test('a single event is logged as itself', () => {
  const sums = new LogSums(write, { what: 'documents not read' });
  picture(sums, 'a.png');
  vi.advanceTimersByTime(60_000);
  expect(lines).toEqual(['a.png not read']);
});

test('the first urgent event is logged at once, those that follow are summed until it is quiet again', () => {
  const sums = new LogSums(write, { what: 'files not read', isUrgent: true });
  for (const name of ['a', 'b', 'c']) picture(sums, name);
  expect(lines).toEqual(['a not read']);
  vi.advanceTimersByTime(60_000);
  picture(sums, 'd');
  vi.advanceTimersByTime(60_000);
  expect(lines).toEqual(['a not read', '2 files not read within 60 s: pictures 2', 'd not read']);
  vi.advanceTimersByTime(60_000);
  picture(sums, 'e');
  expect(lines.at(-1)).toBe('e not read');
});

test('the number of kinds is bounded', () => {
  const sums = new LogSums(write, { what: 'questions refused' });
  for (let i = 0; i < 100; i++) sums.add(`kind ${i}`, {}, 'refused');
  vi.advanceTimersByTime(60_000);
  expect(lines[0]).toMatch(/^100 questions refused within 60 s: others 80, kind 0 1, .*kind 19 1$/);
});

test('a flush logs what is left', () => {
  const sums = new LogSums(write, { what: 'documents not read' });
  for (const name of ['a', 'b']) picture(sums, name);
  sums.flush();
  expect(lines).toEqual(['2 documents not read within 60 s: pictures 2']);
});
