import { expect, test } from 'vitest';
import { EventQueue } from './event-queue.ts';

test('events are handled one at a time, in the order of arrival', () => {
  const queue = new EventQueue<number>();
  const handled: string[] = [];
  queue.push(1);
  queue.open((event) => {
    handled.push(`begin ${event}`);
    if (event < 3) queue.push(event + 2);
    handled.push(`end ${event}`);
  });
  queue.push(2);
  expect(handled).toEqual(['begin 1', 'end 1', 'begin 3', 'end 3', 'begin 2', 'end 2', 'begin 4', 'end 4']);
});

test('an event whose handler throws does not stop the next one', () => {
  const queue = new EventQueue<string>();
  const handled: string[] = [];
  queue.open((event) => {
    if (event === 'bad') throw new Error('bad');
    handled.push(event);
  });
  expect(() => queue.push('bad')).toThrow('bad');
  queue.push('good');
  expect(handled).toEqual(['good']);
});

test('a closed queue drops what waits and what comes', () => {
  const queue = new EventQueue<number>();
  const handled: number[] = [];
  queue.open((event) => {
    handled.push(event);
    queue.push(2);
    queue.close();
  });
  queue.push(1);
  queue.push(3);
  expect(handled).toEqual([1]);
});
