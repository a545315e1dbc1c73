import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';

/** The checkout that these tools work on. */
export const projectRoot = join(import.meta.dirname, '..');

/** How a command ended, with what it printed to stdout and stderr in the order it came. */
export interface Outcome {
  readonly exitCode: number;
  readonly output: string;
}

/** Runs a command of the project at its root, quietly; a command that cannot start or is killed fails with code 1. */
export function runCommand(command: string, args: readonly string[]): Promise<Outcome> {
  const child = spawn(command, args, { cwd: projectRoot, env: toolEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => {
    const end = (exitCode: number, note = ''): void => {
      resolve({ exitCode, output: Buffer.concat(chunks).toString() + note });
    };
    child.once('error', (error) => end(1, `${command}: ${error.message}\n`));
    child.once('close', (code, signal) => end(code ?? 1, signal === null ? '' : `${command} was ended by ${signal}\n`));
  });
}

/** Runs a command of the project at its root, on our own terminal. */
export function showCommand(command: string, args: readonly string[]): Promise<number> {
  const child = spawn(command, args, {
    cwd: projectRoot,
    env: toolEnvironment(),
    stdio: 'inherit',
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** The tools are JavaScript: they must find this Node first, not the machine's older one. */
function toolEnvironment(): NodeJS.ProcessEnv {
  const path = [dirname(process.execPath), join(projectRoot, 'node_modules/.bin'), process.env['PATH'] ?? ''];
  return { ...process.env, PATH: path.join(delimiter) };
}
