import { existsSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unpackWithDependencies } from '../nats-server/debian-packages.ts';
import { isExecutable, onPath } from '../nats-server/executables.ts';
import type { Progress } from '../nats-server/nats-server.ts';
import { firstWritable, inScratchFolder } from '../nats-server/program-cache.ts';

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
 * Finds the programs that read documents for the indexer. Returns undefined where they are on the PATH or cannot be
 * obtained, else the folder with Debian's packages, unpacked without root. They are optional: the indexer has readers of its
 * own. Every cache is searched; what is obtained goes into the first one that can be written.
 */
export async function findReaders(
  isOcrOn: boolean,
  progress: Progress,
  caches: readonly [string, ...string[]],
): Promise<string | undefined> {
  const readers = isOcrOn ? SCANS : TEXTS;
  if (readers.programs.every((program) => onPath(program))) return undefined;
  const unpacked = caches.map((cache) => join(cache, readers.folder)).find((folder) => isComplete(readers, folder));
  if (unpacked) return unpacked;
  if (caches.some((cache) => wasMissed(readers, cache))) return undefined;
  progress(`${readers.programs.join(', ')}: getting Debian's packages …`);
  const cache = firstWritable(caches);
  try {
    return await obtain(readers, cache);
  } catch {
    markMissed(readers, cache);
    progress(
      `They cannot be obtained, so PDFs are read more slowly. To change that, install ${readers.packages.join(', ')}.`,
    );
    return undefined;
  }
}

const isComplete = ({ programs }: Readers, folder: string): boolean =>
  programs.every((program) => isExecutable(join(folder, 'usr', 'bin', program)));

/** An empty file, as old as the last failure. Without it a machine that has no network would wait at each start. */
const markOf = ({ folder }: Readers, cache: string): string => join(cache, `missed-${folder}`);

function wasMissed(readers: Readers, cache: string): boolean {
  const mark = markOf(readers, cache);
  return existsSync(mark) && Date.now() - statSync(mark).mtimeMs < RETRY_MS;
}

function markMissed(readers: Readers, cache: string): void {
  try {
    writeFileSync(markOf(readers, cache), '');
  } catch {
    // The next start looks for them again.
  }
}

function obtain({ packages, folder }: Readers, cache: string): Promise<string> {
  return inScratchFolder(cache, async (scratch) => {
    await unpackWithDependencies(packages, scratch);
    const target = join(cache, folder);
    if (!existsSync(target)) renameSync(scratch, target);
    return target;
  });
}
