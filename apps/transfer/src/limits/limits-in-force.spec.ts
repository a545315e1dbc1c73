import { type Limits, LimitsSettings, type TrafficBudget, type WeekSpan, Weekday } from '@allibrary/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limitsInForce } from './limits-in-force.ts';
import { dayOf, localTime } from './local-time.ts';
import { budgetMonth, budgetState, countedBytes, forecastBytes } from './traffic/traffic-budget.ts';
import { isScheduled } from './week-schedule.ts';

const NOTHING = { received: 0, sent: 0 };
const limitsOf = (input: object): Limits => LimitsSettings.schema.parse(input);
const at = (iso: string): number => Date.parse(iso);

describe('local time', () => {
  test('is that of the zone, in summer and in winter', () => {
    expect(localTime(at('2026-07-01T22:30:00Z'), 'Europe/Rome')).toEqual({
      ...{ year: 2026, month: 7, day: 2, weekday: 'thursday', minuteOfDay: 30 },
    });
    expect(localTime(at('2026-12-31T23:30:00Z'), 'Europe/Rome')).toMatchObject({ year: 2027, month: 1, day: 1 });
    expect(localTime(at('2026-12-31T23:30:00Z'), 'UTC')).toMatchObject({ year: 2026, minuteOfDay: 23 * 60 + 30 });
    expect(dayOf({ year: 2026, month: 3, day: 7 })).toBe('2026-03-07');
  });
});

describe('the schedule', () => {
  const nights: WeekSpan = { days: ['monday', 'sunday'], from: '22:00', to: '06:00' };

  test.each([
    ['monday', 22 * 60, true],
    ['monday', 22 * 60 - 1, false],
    ['tuesday', 6 * 60 - 1, true],
    ['tuesday', 6 * 60, false],
    ['tuesday', 23 * 60, false],
    ['monday', 0, true],
    ['sunday', 0, false],
  ] as const)('on %s at minute %i: %s', (weekday, minuteOfDay, expected) => {
    expect(isScheduled([nights], { weekday, minuteOfDay })).toBe(expected);
  });

  test('a span from a time to the same one lasts a whole day', () => {
    const noonToNoon: WeekSpan = { days: ['friday'], from: '12:00', to: '12:00' };
    expect(isScheduled([noonToNoon], { weekday: 'saturday', minuteOfDay: 719 })).toBe(true);
    expect(isScheduled([noonToNoon], { weekday: 'saturday', minuteOfDay: 720 })).toBe(false);
  });

  test('a span and its opposite fill the week, and never overlap', () => {
    const time = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }));
    const text = ([h, m]: [number, number]) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`;
    const moment = { weekday: fc.constantFrom(...Weekday.options), minuteOfDay: fc.integer({ min: 0, max: 1_439 }) };
    fc.assert(
      fc.property(time, time, fc.record(moment), (a, b, when) => {
        fc.pre(text(a) !== text(b));
        const span = { days: [...Weekday.options], from: text(a), to: text(b) };
        const opposite = { days: [...Weekday.options], from: text(b), to: text(a) };
        expect(isScheduled([span], when)).toBe(!isScheduled([opposite], when));
      }),
    );
  });
});

describe('the limits in force', () => {
  const limits = limitsOf({
    downloadBytesPerSecond: 5_000_000,
    alternative: { downloadBytesPerSecond: 1_000_000, uploadBytesPerSecond: 500_000 },
    schedule: [{ days: ['monday'], from: '08:00', to: '18:00' }],
    timeZone: 'Europe/Rome',
  });
  const mondayMorning = at('2026-11-23T08:00:00Z'); // 09:00 in Rome

  test('are none when nobody set any', () => {
    const none = { downloadBytesPerSecond: null, uploadBytesPerSecond: null, because: 'limits' };
    expect(limitsInForce(limitsOf({}), mondayMorning, NOTHING)).toEqual(none);
  });

  test('are the alternative ones by schedule and by hand', () => {
    const alternative = { downloadBytesPerSecond: 1_000_000, uploadBytesPerSecond: 500_000 };
    expect(limitsInForce(limits, mondayMorning, NOTHING)).toEqual({ ...alternative, because: 'schedule' });
    const evening = at('2026-11-23T18:00:00Z');
    expect(limitsInForce(limits, evening, NOTHING)).toMatchObject({
      downloadBytesPerSecond: 5_000_000,
      uploadBytesPerSecond: null,
      because: 'limits',
    });
    expect(limitsInForce({ ...limits, useAlternative: true }, evening, NOTHING)).toMatchObject({ because: 'by-hand' });
  });

  test('are nought in the directions that a spent budget counts', () => {
    const sending = limitsOf({ budget: { bytesPerMonth: 100, counts: 'sent' } });
    expect(limitsInForce(sending, mondayMorning, { received: 1e9, sent: 99 })).toMatchObject({ because: 'limits' });
    expect(limitsInForce(sending, mondayMorning, { received: 0, sent: 100 })).toEqual({
      downloadBytesPerSecond: null,
      uploadBytesPerSecond: 0,
      because: 'budget',
    });
  });
});

describe('the budget', () => {
  const budget = limitsOf({ budget: { bytesPerMonth: 1_000, softStopShare: 0.8 } }).budget;
  const monthAt = (iso: string, firstDay: number) => budgetMonth(localTime(at(iso), 'UTC'), firstDay);

  test.each([
    [0, 'within'],
    [799, 'within'],
    [800, 'soft-stop'],
    [999, 'soft-stop'],
    [1_000, 'hard-stop'],
    [5_000, 'hard-stop'],
  ])('of 1000 bytes after %i: %s', (used, expected) => {
    expect(budgetState(budget, { received: used, sent: 0 })).toBe(expected);
  });

  test('counts the configured directions', () => {
    const used = { received: 1, sent: 10 };
    const counted = (counts: TrafficBudget['counts']) => countedBytes({ ...budget, counts }, used);
    expect([counted('received'), counted('sent'), counted('both')]).toEqual([1, 10, 11]);
    expect(budgetState({ ...budget, bytesPerMonth: null }, { received: 1e15, sent: 0 })).toBe('none');
  });

  test('begins its month on its first day, also across the year', () => {
    expect(monthAt('2026-01-04T12:00:00Z', 5)).toMatchObject({ since: '2025-12-05', lastsMs: 31 * 86_400_000 });
    expect(monthAt('2026-01-05T00:00:00Z', 5)).toMatchObject({ since: '2026-01-05', passedMs: 0 });
    expect(monthAt('2028-02-29T23:59:00Z', 1).lastsMs).toBe(29 * 86_400_000);
  });

  test('is forecast by the pace of the month so far', () => {
    const tenthOf = (iso: string) => forecastBytes(300, monthAt(iso, 1));
    expect(tenthOf('2026-04-04T00:00:00Z')).toBe(3_000);
    expect(tenthOf('2026-04-01T23:00:00Z')).toBeNull();
  });

  test('a moment always lies in its month', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 1, max: 28 }), (nowMs, firstDay) => {
        const { passedMs, lastsMs } = budgetMonth(localTime(nowMs, 'UTC'), firstDay);
        expect(passedMs).toBeGreaterThanOrEqual(0);
        expect(passedMs).toBeLessThan(lastsMs);
      }),
    );
  });
});
