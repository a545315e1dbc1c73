import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TempFolder, eventually, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NodeState } from './node-file.ts';

const TINY_NODE = join(import.meta.dirname, '../testing', 'tiny-node.ts');
// Below what stop() gives a program before it kills it, by far.
const AT_ONCE_MS = 5_000;

let folder: TempFolder;
let node: ChildProcess;

beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(async () => {
  node.kill('SIGKILL');
  await folder.remove();
});

/** Starts a node of its own process; answers the pids of its programs. */
async function startNode(...manner: string[]): Promise<number[]> {
  node = spawn(process.execPath, [TINY_NODE, folder.path, ...manner], { stdio: 'ignore' });
  const file = join(folder.path, 'run', 'node.json');
  const { programs } = await eventually(() => JSON.parse(readFileSync(file, 'utf8')) as NodeState);
  return Object.values(programs).map(({ pid = 0 }) => pid);
}

const areGone = (pids: readonly number[]) => pids.every((pid) => !existsSync(`/proc/${pid}`));

test('a supervisor that is killed takes its programs with it', async () => {
  const pids = await startNode();
  expect(areGone(pids)).toBe(false);
  node.kill('SIGKILL');
  await eventually(() => areGone(pids));
});

test('signals that come together are one request to stop', async () => {
  const pids = await startNode();
  const ended = once(node, 'exit');
  for (const signal of ['SIGINT', 'SIGINT', 'SIGTERM'] as const) node.kill(signal);
  expect(await ended).toEqual([0, null]);
  expect(areGone(pids)).toBe(true);
});

test('who presses Ctrl-C again waits for nobody', async () => {
  const pids = await startNode('stubborn');
  const askAgain = () => {
    node.kill('SIGINT');
    return areGone(pids);
  };
  await eventually(askAgain, { timeoutMs: AT_ONCE_MS });
  await eventually(() => node.exitCode === 0);
});
