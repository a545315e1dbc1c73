import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cpuSeconds, processTree, secondsIn, statOf } from '../measure.ts';

/** CPU seconds of a process: its own, and those of its descendants, also of those that have ended. */
export function timesOf(pid: number): { readonly own: number; readonly others: number } {
  const [, ...descendants] = processTree(pid);
  const others = descendants.map((each) => (ifRunning(each, cpuSeconds) ?? 0) + (ifRunning(each, endedSeconds) ?? 0));
  return { own: cpuSeconds(pid), others: others.reduce((sum, each) => sum + each, endedSeconds(pid)) };
}

/** CPU seconds of the busiest threads of a process. */
export const threadTimes = (pid: number): number[] =>
  readdirSync(`/proc/${pid}/task`)
    .map((thread) => secondsIn(statOf(join(`/proc/${pid}/task`, thread)), 11))
    .toSorted((a, b) => b - a)
    .slice(0, 3);

/** CPU seconds of the ended children of a process, and of theirs (proc(5), /proc/pid/stat, fields 16 and 17). */
const endedSeconds = (pid: number): number => secondsIn(statOf(`/proc/${pid}`), 13);

function ifRunning(pid: number, measure: (pid: number) => number): number | null {
  try {
    return measure(pid);
  } catch {
    return null; // it has just ended
  }
}
