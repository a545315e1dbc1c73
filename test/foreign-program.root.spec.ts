// Real: a whole node as a service user runs it; its program belongs to root, on a file system that is mounted read-only.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type TempFolder, eventually, freePort, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
/** `nobody`, which owns nothing. */
const USER = 65_534;

let folder: TempFolder;
let node: ChildProcess | undefined;
let output: string;

beforeEach(async () => {
  folder = await tempFolder();
  await mkdir(join(folder.path, 'program'));
  await chown(folder.path, USER, USER);
  output = '';
});
afterEach(async () => {
  if (node && node.exitCode === null) {
    const ended = once(node, 'exit');
    node.kill('SIGTERM');
    await ended;
  }
  await folder.remove();
});

/** Runs a command of the project as the service user, in a mount namespace in which the program is read-only. */
function runAsServiceUser(args: readonly string[]): ChildProcess {
  const program = join(folder.path, 'program');
  const script = [
    `mount --bind "${ROOT}" "${program}"`,
    `mount -o remount,bind,ro "${program}"`,
    `cd "${program}"`,
    `exec setpriv --reuid ${USER} --regid ${USER} --clear-groups "$@"`,
  ].join(' && ');
  const command = [process.execPath.replace(ROOT, program), 'tools/boot.mjs', 'apps/supervisor/src/main.ts', ...args];
  const environment = { ...process.env, HOME: '/nonexistent', TMPDIR: folder.path, ALLIBRARY_LAN: 'false' };
  const started = spawn('unshare', ['--mount', 'sh', '-c', script, 'sh', ...command], { env: environment });
  for (const stream of [started.stdout, started.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  return started;
}

test('a built program of root starts as a service user, on a read-only file system', async () => {
  const [library, data] = [join(folder.path, 'library'), join(folder.path, 'data')];
  const ports = ['--http-port', '0', '--p2p-port', String(await freePort())];
  node = runAsServiceUser(['--library', library, '--data', data, ...ports]);
  const state = await eventually(
    async () => {
      if (node?.exitCode !== null) throw new Error(output);
      return readFile(join(data, 'run', 'node.json'), 'utf8').catch(() => undefined);
    },
    { timeoutMs: 120_000 },
  );
  const { httpUrl } = JSON.parse(state) as { httpUrl: string };
  expect((await fetch(`${httpUrl}/health/live`)).status).toBe(200);
});

test('a folder that cannot be created aborts the start with a message that names it', async () => {
  node = runAsServiceUser(['--library', '/proc/nope', '--data', join(folder.path, 'data')]);
  const [code] = (await once(node, 'exit')) as [number];
  expect([code, output]).toEqual([2, expect.stringContaining('--library /proc/nope cannot be made there.')]);
});
