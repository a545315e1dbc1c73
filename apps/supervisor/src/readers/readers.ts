import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unpackWithDependencies } from '../nats-server/debian-packages.ts';
import { isExecutable, onPath } from '../nats-server/executables.ts';
import type { Progress } from '../nats-server/nats-server.ts';
import { projectRoot } from '../setup/options.ts';

const CACHE = join(projectRoot, '.cache', 'readers');
const FOLDER = join(CACHE, 'debian');
/** When they were last looked for in vain: a machine without network would wait for them at each start. */
const MISSED = join(CACHE, 'missed');
const RETRY_MS = 86_400_000;
const PACKAGES = ['poppler-utils'];
const PROGRAM = 'pdftotext';

/**
 * Finds the programs that read documents for the indexer. Returns undefined where they are on the PATH or are not to be
 * had, else the folder with Debian's packages, unpacked without root. They are optional: the indexer has readers of its own.
 */
export async function findReaders(progress: Progress): Promise<string | undefined> {
  if (onPath(PROGRAM)) return undefined;
  if (isExecutable(join(FOLDER, 'usr', 'bin', PROGRAM))) return FOLDER;
  if (wasMissed()) return undefined;
  progress("pdftotext: getting Debian's package …");
  try {
    await obtain();
    return FOLDER;
  } catch {
    writeFileSync(MISSED, '');
    progress('pdftotext: not to be had, so PDFs are read more slowly. Install poppler-utils to change that.');
    return undefined;
  }
}

const wasMissed = (): boolean => existsSync(MISSED) && Date.now() - statSync(MISSED).mtimeMs < RETRY_MS;

/** Gives the packages their place in the cache: complete, or not at all. */
async function obtain(): Promise<void> {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, '.getting-'));
  try {
    await unpackWithDependencies(PACKAGES, folder);
    if (!existsSync(FOLDER)) renameSync(folder, FOLDER);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
