import { readFileSync, readdirSync } from 'node:fs';
import { cpuSeconds } from '../measure.ts';

const TICKS_PER_SECOND = 100;

interface ProcessTimes {
  readonly parent: number;
  /** Processor seconds of itself and of its ended children. */
  readonly own: number;
  readonly ended: number;
}

/** CPU seconds of a process: its own, and those of all that it has started. */
export function timesOf(pid: number): { readonly own: number; readonly others: number } {
  const all = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/u.test(name))
      .flatMap((name) => {
        const times = read(Number(name));
        return times ? [[Number(name), times] as const] : [];
      }),
  );
  const below = (parent: number): number =>
    [...all].reduce(
      (sum, [child, each]) => (each.parent === parent ? sum + each.own + each.ended + below(child) : sum),
      0,
    );
  return { own: cpuSeconds(pid), others: (all.get(pid)?.ended ?? 0) + below(pid) };
}

/** CPU seconds of the busiest threads of a process. */
export const threadTimes = (pid: number): number[] =>
  readdirSync(`/proc/${pid}/task`)
    .map((thread) => {
      const fields = fieldsOf(`/proc/${pid}/task/${thread}/stat`);
      return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    })
    .toSorted((a, b) => b - a)
    .slice(0, 3);

function read(pid: number): ProcessTimes | null {
  try {
    const fields = fieldsOf(`/proc/${pid}/stat`);
    const seconds = (at: number): number => Number(fields[at]) / TICKS_PER_SECOND;
    return { parent: Number(fields[1]), own: seconds(11) + seconds(12), ended: seconds(13) + seconds(14) };
  } catch {
    return null; // it has ended
  }
}

function fieldsOf(file: string): string[] {
  const stat = readFileSync(file, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
