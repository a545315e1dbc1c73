/** Every replica keeps this part of the limit even when it needs nothing, so that it can begin at once. */
const FLOOR_SHARE = 0.02;

/**
 * One replica's share of a limit, by need: who needs less than an equal part gets what it needs, the others share the
 * rest equally (max-min fairness), and what nobody needs is shared equally too. The shares of all make the limit.
 */
export function shareByNeed(limit: number, ownNeed: number, otherNeeds: readonly number[]): number {
  const floor = (limit * FLOOR_SHARE) / (otherNeeds.length + 1);
  const needOf = (need: number): number => Math.max(floor, need);
  const needs = [ownNeed, ...otherNeeds].map(needOf).toSorted((a, b) => a - b);
  let rest = limit;
  for (const [at, need] of needs.entries()) {
    const equalPart = rest / (needs.length - at);
    if (need > equalPart) return Math.min(needOf(ownNeed), equalPart);
    rest -= need;
  }
  return needOf(ownNeed) + rest / needs.length;
}
