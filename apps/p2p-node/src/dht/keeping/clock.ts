/**
 * Wall-clock time that never jumps while the process runs: the time of its start plus what has passed since. Only for
 * times that are stored, because those must make sense in the next run; durations use `performance.now()`.
 */
export const steadyNow = (): number => performance.timeOrigin + performance.now();
