const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/** How long to wait before the next of several tries; `random` is from 0 to 1 and spreads those who wait for the same. */
export const backOffMs = (failures: number, random: number): number =>
  Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 10)) * (0.75 + random / 2);
