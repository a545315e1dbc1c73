import { randomBytes } from 'node:crypto';
import { link, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Replaces a file: a crash at any moment leaves the old content or the new one, on disk. */
export async function replaceFile(file: string, content: string | Uint8Array): Promise<void> {
  const temporary = await writeTemporary(file, content);
  await rename(temporary, file);
  await syncFolder(dirname(file));
}

/** Creates a file, complete or not at all; rejects with EEXIST where there is one. */
export async function createFile(file: string, content: string | Uint8Array): Promise<void> {
  const temporary = await writeTemporary(file, content);
  try {
    await link(temporary, file);
  } finally {
    await rm(temporary);
  }
  await syncFolder(dirname(file));
}

/** Deletes what a crash left of earlier writes. */
export async function removeTemporaryFiles(file: string): Promise<void> {
  const names = await readdir(dirname(file)).catch(() => []); // no folder, no files
  const left = names.filter((name) => name.startsWith(`${basename(file)}.`) && name.endsWith('.tmp'));
  await Promise.all(left.map((name) => rm(join(dirname(file), name), { force: true })));
}

async function writeTemporary(file: string, content: string | Uint8Array): Promise<string> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return temporary;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
