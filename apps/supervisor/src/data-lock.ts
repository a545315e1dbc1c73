import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from './options.ts';

/** Takes a data folder for this process; throws a {@link UsageError} when another node runs on it. Answers how to give it back. */
export function lockDataFolder(data: string): () => void {
  const file = join(data, 'run', 'supervisor.pid');
  mkdirSync(join(data, 'run'), { recursive: true, mode: 0o700 });
  const holder = readHolder(file);
  if (holder !== undefined) {
    throw new UsageError([`A node runs on ${data} already (process ${holder}). Stop it, or give another --data.`]);
  }
  writeFileSync(file, `${process.pid} ${startTime(process.pid)}\n`, { mode: 0o600 });
  return () => rmSync(file, { force: true });
}

/** The process that holds the lock and still lives: one that was killed leaves the file, and its pid may be reused. */
function readHolder(file: string): number | undefined {
  try {
    const [pid = '', startedAt] = readFileSync(file, 'utf8').trim().split(' ');
    return startTime(Number(pid)) === startedAt ? Number(pid) : undefined;
  } catch {
    return undefined;
  }
}

/** When a process started, in clock ticks since boot (proc(5), /proc/pid/stat, field 22). */
function startTime(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}
