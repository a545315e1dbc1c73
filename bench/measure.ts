import { closeSync, openSync, readFileSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** The clock ticks of one CPU second, as Linux counts them in /proc (sysconf _SC_CLK_TCK). */
const TICKS_PER_SECOND = 100;

/** The CPU seconds that a process and its threads have used so far (proc(5), /proc/pid/stat, fields 14 and 15). */
export const cpuSeconds = (pid: number): number => secondsIn(statOf(`/proc/${pid}`), 11);

/** The fields of a process or thread in /proc from the third on: the name before them may hold blanks and brackets. */
export function statOf(folder: string): string[] {
  const stat = readFileSync(join(folder, 'stat'), 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** CPU seconds in two adjacent fields of {@link statOf}, which count those of the program and of the kernel for it. */
export const secondsIn = (fields: readonly string[], at: number): number =>
  (Number(fields[at]) + Number(fields[at + 1])) / TICKS_PER_SECOND;

/** The memory of a process in MiB: resident; proportional, in which shared pages count by their share; and private. */
export function memory(pid: number): { rssMiB: number; pssMiB: number; privateMiB: number } {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const mebibytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(rollup)?.[1]) / 1_024;
  const privateMiB = mebibytes('Private_Clean') + mebibytes('Private_Dirty');
  return { rssMiB: mebibytes('Rss'), pssMiB: mebibytes('Pss'), privateMiB };
}

/** A process and its descendants. */
export function processTree(pid: number): number[] {
  const others = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const children = others.filter((each) => parentOf(each) === pid);
  return [pid, ...children.flatMap(processTree)];
}

/** The parent of a process, if it is still there (proc(5), /proc/pid/stat, field 4). */
function parentOf(pid: number): number | undefined {
  try {
    return Number(statOf(`/proc/${pid}`)[1]);
  } catch {
    return undefined;
  }
}

/** The command line of a process. */
export const commandOf = (pid: number): string => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');

/** The middle one of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/**
 * Fills the page cache once and empties it again. A virtual machine gets its memory from the host when it is first used, at
 * about two CPU seconds for each GiB here: without this, the first figures would be those of the host.
 */
export function touchMemory(file: string, sizeMiB: number): void {
  const part = Buffer.alloc(1_048_576);
  const descriptor = openSync(file, 'w');
  for (let written = 0; written < sizeMiB; written++) writeSync(descriptor, part);
  closeSync(descriptor);
  rmSync(file);
}

/** Runs the work; returns its result and how long it took. */
export async function timed<T>(work: () => Promise<T> | T): Promise<{ result: T; seconds: number }> {
  const startedAt = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - startedAt) / 1_000 };
}
