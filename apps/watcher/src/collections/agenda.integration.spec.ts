// Real: the parts; the timers are fake.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Logger } from '@allibrary/platform';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock as clock } from '../known/clock.ts';
import { Agenda } from './agenda.ts';
import type { CollectionEvent, TaskEvent } from './collection-events.ts';

const done: TaskEvent = { kind: 'scan-ended' };
const timer: CollectionEvent = { kind: 'timer', task: 'full-scan' };
const failed: CollectionEvent = { kind: 'task-failed', task: 'full-scan' };
let agenda: Agenda;
let events: CollectionEvent[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  events = [];
  agenda = new Agenda(
    { push: (event) => void events.push(event) },
    clock,
    new Logger({ service: 'test', level: 'silent' }),
  );
});
afterEach(async () => {
  await agenda.close();
  vi.useRealTimers();
});

/** Plans the task for now, and returns after how many milliseconds it is due. */
async function waitUntilDue(): Promise<number> {
  events = [];
  const plannedAtMs = agenda.nowMs;
  agenda.plan('full-scan', plannedAtMs);
  await vi.advanceTimersToNextTimerAsync();
  expect(events).toEqual([timer]);
  return Math.round(agenda.nowMs - plannedAtMs);
}

async function fail(): Promise<void> {
  agenda.start('full-scan', () => Promise.reject(new Error('disk')));
  await nextTurn();
  expect(events.at(-1)).toEqual(failed);
}

test('there is one timer for each planned task, and none for a task that is never due', async () => {
  agenda.plan('full-scan', agenda.nowMs + 5_000);
  agenda.plan('root-check', agenda.nowMs + 2_000);
  agenda.plan('losses', undefined);
  expect(vi.getTimerCount()).toBe(2);
  agenda.plan('full-scan', agenda.nowMs + 1_000);
  agenda.plan('root-check', undefined);
  expect(vi.getTimerCount()).toBe(1);
  await vi.advanceTimersByTimeAsync(999);
  expect(events).toEqual([]);
  await vi.advanceTimersByTimeAsync(2);
  expect(events).toEqual([timer]);
  expect(vi.getTimerCount()).toBe(0);
});

test('a task runs once at a time, is not due while it runs, and its end is an event', async () => {
  const end = Promise.withResolvers<TaskEvent>();
  let runs = 0;
  for (let n = 0; n < 2; n++)
    agenda.start('full-scan', () => {
      runs += 1;
      return end.promise;
    });
  agenda.plan('full-scan', agenda.nowMs);
  expect([runs, agenda.isRunning('full-scan'), vi.getTimerCount()]).toEqual([1, true, 0]);
  end.resolve(done);
  await nextTurn();
  expect(events).toEqual([done]);
  expect(agenda.isRunning('full-scan')).toBe(false);
});

test('a task that fails is due after a pause that doubles up to 30 s, and at once when that may help', async () => {
  const pauses: number[] = [];
  for (let n = 0; n < 7; n++) {
    await fail();
    pauses.push(await waitUntilDue());
  }
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  await fail();
  agenda.retryNow('full-scan');
  expect(await waitUntilDue()).toBe(0);
});

test('a task that succeeds ends the pauses', async () => {
  await fail();
  agenda.start('full-scan', async () => done);
  await nextTurn();
  expect(await waitUntilDue()).toBe(0);
});

test('the close aborts what runs, waits for its end, and leaves no timer', async () => {
  let isEnded = false;
  agenda.start('full-scan', async (signal) => {
    while (!signal.aborted) await nextTurn();
    isEnded = true;
    return done;
  });
  agenda.plan('losses', agenda.nowMs + 1_000);
  await agenda.close();
  agenda.plan('losses', agenda.nowMs + 1_000);
  expect([isEnded, vi.getTimerCount()]).toEqual([true, 0]);
});
