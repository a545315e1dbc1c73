import { readFileSync, readdirSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY_MS = 100;
/** On SIGTERM nats-server writes its buffers; after an ENOSPC it ignores the signal. */
const POLITE_MS = 5_000;

/**
 * Ends the process that holds a lock, and waits until it is gone. It is a nats-server whose supervisor was killed: the
 * kernel gives a lock up with the last process that has it open, so that a holder is always on the store.
 */
export async function endHolder(lock: string): Promise<void> {
  const forceAtMs = performance.now() + POLITE_MS;
  for (let asked = 0; ; ) {
    const holder = lockHolder(lock);
    if (holder === undefined) return;
    const signal = performance.now() < forceAtMs ? 'SIGTERM' : 'SIGKILL';
    if (holder !== asked || signal === 'SIGKILL') send(holder, signal);
    asked = holder;
    await delay(LOOK_EVERY_MS);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it has ended by itself
  }
}

/** The process that holds a flock on a file (proc(5), /proc/locks); undefined when nobody does, or there is no /proc. */
export function lockHolder(lock: string): number | undefined {
  const stats = statSync(lock, { throwIfNoEntry: false });
  if (!stats) return undefined;
  const locks = readLines('/proc/locks').map((line) => line.trim().split(/\s+/));
  const holders = locks.filter(([, kind, , , , file]) => kind === 'FLOCK' && file?.endsWith(`:${stats.ino}`));
  // Inode numbers repeat on other file systems: the process must have this very file open.
  return holders.map(([, , , , pid]) => Number(pid)).find((pid) => hasOpen(pid, stats));
}

function hasOpen(pid: number, { ino, dev }: { ino: number; dev: number }): boolean {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).some((fd) => {
      const opened = statSync(`${folder}/${fd}`, { throwIfNoEntry: false });
      return opened?.ino === ino && opened.dev === dev;
    });
  } catch {
    return false; // it has ended, or belongs to another user
  }
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}
