import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { clearStale, dropLock, takeLock, withLock } from './process-lock.mjs';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'allibrary-lock-'));
  file = join(folder, 'deep', 'lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

const HOLD = `
  const { takeLock } = await import(${JSON.stringify(join(import.meta.dirname, 'process-lock.mjs'))});
  console.log(takeLock(process.argv[1]) ?? 'taken');
  setInterval(() => {}, 60_000);
`;

/** Another process that takes the lock and keeps it. */
async function startHolder() {
  const holder = spawn(process.execPath, ['--input-type=module', '-e', HOLD, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output] = (await once(holder.stdout, 'data')) as [Buffer];
  expect(output.toString().trim()).toBe('taken');
  return holder;
}

test('a lock that may not be created is an error with the message of the caller', async () => {
  const locked = { file: '/proc/nope/lock', limitMs: 0, onWait: () => {}, unwritable: 'build it first' };
  await expect(withLock({ ...locked, file: '/sys/lock' }, () => 'worked')).rejects.toThrow('build it first');
});

test('one process at a time holds the lock, and a second one gets the pid of the holder', () => {
  expect(takeLock(file)).toBeUndefined();
  expect(takeLock(file)).toBe(process.pid);
  dropLock(file);
  expect(takeLock(file)).toBeUndefined();
  expect(readdirSync(join(folder, 'deep'))).toEqual(['lock']);
});

test('the lock of a killed process is free', async () => {
  const holder = await startHolder();
  expect(takeLock(file)).toBe(holder.pid);
  const ended = once(holder, 'exit');
  holder.kill('SIGKILL');
  await ended;
  expect(takeLock(file)).toBeUndefined();
});

test('a lock is free when another process has reused the pid of its holder', () => {
  takeLock(file);
  writeFileSync(file, `${process.pid} 1\n`);
  expect(takeLock(file)).toBeUndefined();
});

test('clearing a stale lock too late leaves the new one in place', async () => {
  const holder = await startHolder();
  clearStale(file);
  expect(takeLock(file)).toBe(holder.pid);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  clearStale(file);
  clearStale(file);
  expect(readdirSync(join(folder, 'deep'))).toEqual([]);
});

test('a process that waits logs it once, and works when the holder is gone', async () => {
  const holder = await startHolder();
  const waited: number[] = [];
  const onWait = (pid: number) => {
    waited.push(pid);
    holder.kill('SIGKILL');
  };
  expect(await withLock({ file, limitMs: 10_000, onWait, unwritable: '' }, () => 'worked')).toBe('worked');
  expect(waited).toEqual([holder.pid]);
  expect(existsSync(file)).toBe(false);
});

test('waiting for the lock has a limit', async () => {
  takeLock(file);
  const worked = withLock({ file, limitMs: 0, onWait: () => {}, unwritable: '' }, () => 'worked');
  await expect(worked).rejects.toThrow(`Process ${process.pid} holds ${file} for too long`);
});
