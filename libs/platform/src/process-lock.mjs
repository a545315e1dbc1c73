// Runs on any Node >= 18, with nothing installed: boot.mjs needs it before there is anything.
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY_MS = 250;
const hasProc = existsSync('/proc/self/stat');

/**
 * Takes the lock for this process, or returns its holder. A process that was killed leaves its file behind: what counts is
 * whether the process in it is still alive.
 * @param {string} file
 * @returns {number | undefined} the pid of the holder; undefined when the lock is ours
 */
export function takeLock(file) {
  const own = `${file}.${process.pid}`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(own, `${process.pid} ${startTime(process.pid)}\n`, { mode: 0o600 });
  try {
    for (;;) {
      if (tryLink(own, file)) return undefined;
      const holder = livingHolder(file);
      if (holder !== undefined) return holder;
      clearStale(file);
    }
  } finally {
    rmSync(own, { force: true });
  }
}

/**
 * Removes the lock of a process that is gone. Since it was read, another process may have cleared it and taken the lock: the
 * file is checked again once it is moved aside, and put back when its holder is alive.
 * @param {string} file
 */
export function clearStale(file) {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return; // another process was faster
    throw error;
  }
  if (livingHolder(aside) !== undefined) tryLink(aside, file);
  rmSync(aside, { force: true });
}

/**
 * Releases the lock.
 * @param {string} file
 */
export const dropLock = (file) => rmSync(file, { force: true });

/**
 * Does the work while this process holds the lock. Calls `onWait` when it must wait, and throws at the limit. `unwritable` is
 * the message for a user who may not create the lock.
 * @template T
 * @param {{ file: string, limitMs: number, onWait: (holder: number) => void, unwritable: string }} lock
 * @param {() => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock({ file, limitMs, onWait, unwritable }, work) {
  const deadline = performance.now() + limitMs;
  let holder = firstHolder(file, unwritable);
  if (holder !== undefined) onWait(holder);
  for (; holder !== undefined; holder = takeLock(file)) {
    if (performance.now() > deadline) throw new Error(`Process ${holder} holds ${file} for too long: end it.`);
    await delay(LOOK_EVERY_MS);
  }
  try {
    return await work();
  } finally {
    dropLock(file);
  }
}

/**
 * @param {string} file
 * @param {string} unwritable
 */
function firstHolder(file, unwritable) {
  try {
    return takeLock(file);
  } catch (error) {
    const { code = '' } = /** @type {NodeJS.ErrnoException} */ (error);
    throw ['EACCES', 'EPERM', 'EROFS'].includes(code) ? new Error(unwritable, { cause: error }) : error;
  }
}

/**
 * A link creates the file with its content, or not at all.
 * @param {string} own
 * @param {string} file
 */
function tryLink(own, file) {
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  }
}

/** @param {string} file */
function livingHolder(file) {
  try {
    const [pid = '', startedAt] = readFileSync(file, 'utf8').trim().split(' ');
    return startTime(Number(pid)) === startedAt ? Number(pid) : undefined;
  } catch {
    return undefined; // just released, or its process is gone
  }
}

/**
 * When a process started, in clock ticks since boot (proc(5), /proc/pid/stat, field 22): pids are reused.
 * @param {number} pid
 */
function startTime(pid) {
  if (!hasProc) return String(process.kill(pid, 0)); // without /proc, being alive must do
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}
