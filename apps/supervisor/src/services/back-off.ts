const FIRST_MS = 200;
const LONGEST_MS = 10_000;
const STEADY_AFTER_MS = 30_000;

/** How often in a row a process has died young, given how long its last life was. */
export const youngDeaths = (before: number, livedMs: number): number => (livedMs >= STEADY_AFTER_MS ? 1 : before + 1);

/** How long to wait before a process that died is started again. */
export const restartDelayMs = (deaths: number): number => Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, deaths - 1));
