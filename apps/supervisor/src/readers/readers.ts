import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unpackWithDependencies } from '../nats-server/debian-packages.ts';
import { isExecutable, onPath } from '../nats-server/executables.ts';
import type { Progress } from '../nats-server/nats-server.ts';
import { projectRoot } from '../setup/options.ts';

const CACHE = join(projectRoot, '.cache', 'readers');
/** When they were last looked for in vain: a machine without network would wait for them at each start. */
const MISSED = join(CACHE, 'missed');
const RETRY_MS = 86_400_000;
const TEXTS = { folder: 'texts', packages: ['poppler-utils'], programs: ['pdftotext'] };
/** Three times as large; OCR is off by default. */
const SCANS = {
  folder: 'scans',
  packages: ['poppler-utils', 'tesseract-ocr', 'tesseract-ocr-eng'],
  programs: ['pdftotext', 'pdftoppm', 'tesseract'],
};
type Readers = typeof TEXTS;

/**
 * Finds the programs that read documents for the indexer. Returns undefined where they are on the PATH or are not to be
 * had, else the folder with Debian's packages, unpacked without root. They are optional: the indexer has readers of its own.
 */
export async function findReaders(isOcrOn: boolean, progress: Progress): Promise<string | undefined> {
  const readers = isOcrOn ? SCANS : TEXTS;
  if (readers.programs.every((program) => onPath(program))) return undefined;
  const folder = join(CACHE, readers.folder);
  if (readers.programs.every((program) => isExecutable(join(folder, 'usr', 'bin', program)))) return folder;
  if (wasMissed()) return undefined;
  progress(`${readers.programs.join(', ')}: getting Debian's packages …`);
  try {
    await obtain(readers, folder);
    return folder;
  } catch {
    writeFileSync(MISSED, '');
    progress(`Not to be had, so PDFs are read more slowly. To change that, install ${readers.packages.join(', ')}.`);
    return undefined;
  }
}

const wasMissed = (): boolean => existsSync(MISSED) && Date.now() - statSync(MISSED).mtimeMs < RETRY_MS;

/** Gives the packages their place in the cache: complete, or not at all. */
async function obtain({ packages }: Readers, target: string): Promise<void> {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, '.getting-'));
  try {
    await unpackWithDependencies(packages, folder);
    if (!existsSync(target)) renameSync(folder, target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
