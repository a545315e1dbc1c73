import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Replaces a file's content. After a power cut or a full disk at any moment the file holds the old text or the new one,
 * whole. An unfinished file of an earlier attempt is deleted first: it could have another mode.
 */
export function replaceFile(file: string, text: string, mode = 0o600): void {
  const unfinished = `${file}.new`;
  try {
    rmSync(unfinished, { force: true });
    writeDurably(unfinished, text, mode);
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
  syncFolder(dirname(file));
}

/** Creates a file whose content survives a power cut; throws when the file exists. */
export function writeDurably(file: string, text: string, mode: number): void {
  const descriptor = openSync(file, 'wx', mode);
  try {
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Makes the names in a folder survive a power cut. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
