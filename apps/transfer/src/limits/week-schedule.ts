import { type WeekSpan, Weekday } from '@allibrary/contracts';
import type { LocalTime } from './local-time.ts';

const MINUTES_A_DAY = 1_440;
const DAYS = Weekday.options;

/** Whether a time of the week lies in one of the spans. */
export const isScheduled = (spans: readonly WeekSpan[], time: Pick<LocalTime, 'weekday' | 'minuteOfDay'>): boolean =>
  spans.some((span) => span.days.some((day) => isWithin(day, span, time)));

function isWithin(
  day: Weekday,
  { from, to }: WeekSpan,
  { weekday, minuteOfDay }: Pick<LocalTime, 'weekday' | 'minuteOfDay'>,
): boolean {
  const begin = minutesOf(from);
  const lastsMinutes = (minutesOf(to) - begin + MINUTES_A_DAY) % MINUTES_A_DAY || MINUTES_A_DAY;
  const daysLater = (DAYS.indexOf(weekday) - DAYS.indexOf(day) + DAYS.length) % DAYS.length;
  const sinceBegin = daysLater * MINUTES_A_DAY + minuteOfDay - begin;
  return sinceBegin >= 0 && sinceBegin < lastsMinutes;
}

function minutesOf(timeOfDay: string): number {
  const [hours = 0, minutes = 0] = timeOfDay.split(':').map(Number);
  return hours * 60 + minutes;
}
