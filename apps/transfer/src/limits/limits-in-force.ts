import type { Limits, RateLimits, TrafficReport } from '@allibrary/contracts';
import { localTime } from './local-time.ts';
import { type TrafficBytes, budgetStateOf } from './traffic/traffic-budget.ts';
import { isScheduled } from './week-schedule.ts';

/** The limits of a moment, and where they come from. */
export type LimitsInForce = TrafficReport['limits'];

/** Which limits are in force at a moment, when the month has used so much. */
export function limitsInForce(limits: Limits, nowMs: number, used: TrafficBytes): LimitsInForce {
  const isStopped = (direction: keyof TrafficBytes) => budgetStateOf(direction, limits.budget, used) === 'hard-stop';
  const [receiving, sending] = [isStopped('received'), isStopped('sent')];
  const { rates, because } = chosen(limits, nowMs);
  return {
    downloadBytesPerSecond: receiving ? 0 : rates.downloadBytesPerSecond,
    uploadBytesPerSecond: sending ? 0 : rates.uploadBytesPerSecond,
    because: receiving || sending ? 'budget' : because,
  };
}

function chosen(limits: Limits, nowMs: number): { rates: RateLimits; because: LimitsInForce['because'] } {
  if (limits.useAlternative) return { rates: limits.alternative, because: 'by-hand' };
  if (isScheduled(limits.schedule, localTime(nowMs, limits.timeZone)))
    return { rates: limits.alternative, because: 'schedule' };
  return { rates: limits, because: 'limits' };
}
