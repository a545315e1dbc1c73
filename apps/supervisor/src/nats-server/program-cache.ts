import { accessSync, constants, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../setup/options.ts';

/** The project's own folder for programs that a start obtains. */
export const projectCache = (name: string): string => join(projectRoot, '.cache', name);

/**
 * The first folder that can be written, created if it is missing: the project may belong to another user. The last one where
 * none can, so that writing to it fails with the reason.
 */
export function firstWritable(folders: readonly [string, ...string[]]): string {
  return folders.find(isWritable) ?? (folders.at(-1) as string);
}

function isWritable(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Works in a new folder of the cache and deletes it afterwards: a result is moved out of it complete, or not at all. */
export async function inScratchFolder<T>(cache: string, work: (folder: string) => Promise<T>): Promise<T> {
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, '.getting-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
