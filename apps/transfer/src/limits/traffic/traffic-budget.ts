import type { BudgetState, TrafficBudget } from '@allibrary/contracts';
import { type LocalTime, dayOf } from '../local-time.ts';

const DAY_MS = 86_400_000;

/** The bytes of a time, by direction. */
export interface TrafficBytes {
  readonly received: number;
  readonly sent: number;
}

/** The month of a budget: its first day, and how much of it has passed. */
export interface BudgetMonth {
  /** As YYYY-MM-DD. */
  readonly since: string;
  readonly passedMs: number;
  readonly lastsMs: number;
}

/** The month that a moment lies in. Its length is that of the calendar: an hour of summer time does not matter here. */
export function budgetMonth({ year, month, day, minuteOfDay }: LocalTime, firstDay: number): BudgetMonth {
  const first = day >= firstDay ? month : month - 1;
  const beginMs = Date.UTC(year, first - 1, firstDay);
  const begin = new Date(beginMs);
  return {
    since: dayOf({ year: begin.getUTCFullYear(), month: begin.getUTCMonth() + 1, day: firstDay }),
    passedMs: Date.UTC(year, month - 1, day, 0, minuteOfDay) - beginMs,
    lastsMs: Date.UTC(year, first, firstDay) - beginMs,
  };
}

/** The bytes that a budget counts. */
export function countedBytes({ counts }: TrafficBudget, { received, sent }: TrafficBytes): number {
  switch (counts) {
    case 'received':
      return received;
    case 'sent':
      return sent;
    case 'both':
      return received + sent;
  }
}

/** How much of the budget is used. */
export function budgetState(budget: TrafficBudget, used: TrafficBytes): BudgetState {
  if (budget.bytesPerMonth === null) return 'none';
  const share = countedBytes(budget, used) / budget.bytesPerMonth;
  if (share >= 1) return 'hard-stop';
  return share >= budget.softStopShare ? 'soft-stop' : 'within';
}

/** How a budget stands in one direction: it stops only what it counts. */
export const budgetStateOf = (direction: keyof TrafficBytes, budget: TrafficBudget, used: TrafficBytes): BudgetState =>
  ['both', direction].includes(budget.counts) ? budgetState(budget, used) : 'none';

/** What will be used at the month's end when it goes on like until now; null while a day is too short to tell. */
export const forecastBytes = (used: number, { passedMs, lastsMs }: BudgetMonth): number | null =>
  passedMs < DAY_MS ? null : Math.round((used / passedMs) * lastsMs);
