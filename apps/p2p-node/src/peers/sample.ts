/** So many of the items, by chance and each at most once; `random` gives numbers from 0 up to 1. */
export function sample<T>(items: readonly T[], count: number, random: () => number): T[] {
  const left = [...items];
  const taken = Math.min(count, left.length);
  for (let at = 0; at < taken; at++) {
    const other = at + Math.floor(random() * (left.length - at));
    [left[at], left[other]] = [left[other] as T, left[at] as T];
  }
  return left.slice(0, taken);
}
