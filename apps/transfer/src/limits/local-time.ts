import { Weekday } from '@allibrary/contracts';

/** A moment as a clock on the wall shows it. */
export interface LocalTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly weekday: Weekday;
  readonly minuteOfDay: number;
}

/** What a clock of the time zone shows at a moment; without a zone, the node's own clock. */
export function localTime(nowMs: number, timeZone: string | null): LocalTime {
  const format = new Intl.DateTimeFormat('en-GB', {
    ...(timeZone === null ? {} : { timeZone }),
    hourCycle: 'h23',
    weekday: 'long',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  const parts = new Map(format.formatToParts(nowMs).map(({ type, value }) => [type, value]));
  const number = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  return {
    year: number('year'),
    month: number('month'),
    day: number('day'),
    weekday: Weekday.parse(parts.get('weekday')?.toLowerCase()),
    minuteOfDay: number('hour') * 60 + number('minute'),
  };
}

/** The day as YYYY-MM-DD. */
export const dayOf = ({ year, month, day }: Pick<LocalTime, 'year' | 'month' | 'day'>): string =>
  `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
