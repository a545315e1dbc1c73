import { constants } from 'node:fs';
import { numberedFileName } from '@allibrary/core';
import type { OpenedFile, OpenedFolder } from '@allibrary/library';
import { isNameRefused, namesToTry } from './file-names.ts';

const MOST_NUMBERS = 1_000;
/** Codes of file systems without links, such as exFAT or a file server. */
const NO_LINKS: readonly unknown[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/** A complete file under its partial name, and as it was opened. */
export interface CompleteFile {
  readonly documentId: string;
  readonly partials: OpenedFolder;
  readonly partial: string;
  readonly file: OpenedFile;
}

/**
 * Gives a complete file its place in a folder, and returns its name there: the wanted one, a numbered one where that is
 * taken, or another one where the file system refuses it. Never replaces a file. The partial name stays.
 */
export async function placeFile(complete: CompleteFile, root: OpenedFolder, wanted: string): Promise<string> {
  const names = namesToTry(wanted, complete.documentId);
  for (const [index, name] of names.entries()) {
    try {
      return await placeNumbered(complete, root, name);
    } catch (error) {
      if (!isNameRefused(error) || index === names.length - 1) throw error;
    }
  }
  throw new Error(`no name for ${JSON.stringify(wanted)}`);
}

async function placeNumbered(complete: CompleteFile, root: OpenedFolder, wanted: string): Promise<string> {
  for (let number = 1; number <= MOST_NUMBERS; number++) {
    const name = numberedFileName(wanted, number);
    if (await linkTo(complete, root, name)) return name;
  }
  throw new Error(`the library has ${MOST_NUMBERS} files named ${JSON.stringify(wanted)}: move some of them elsewhere`);
}

/**
 * Gives a file a second name that is free; returns false when it is taken. Unlike a rename, a link never replaces a
 * file. The first name stays, so that a process that is killed now finds the same place again.
 */
async function linkTo(complete: CompleteFile, root: OpenedFolder, name: string): Promise<boolean> {
  const { partials, partial, file } = complete;
  try {
    await partials.link(partial, root, name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return isFile(root, name, file);
    if (!NO_LINKS.includes(code)) throw error;
    if (!(await reserveAndRename(complete, root, name))) return false;
  }
  if (await isFile(root, name, file)) return true;
  await root.remove(name);
  throw new Error('another program replaced the downloaded file before it was moved to its place');
}

/** The device is not compared: a file system may report another one for an opened file than for its name. */
async function isFile(folder: OpenedFolder, name: string, { stats }: OpenedFile): Promise<boolean> {
  return (await folder.statEntry(name)).ino === stats.ino;
}

/** For file systems without links: takes the name with an empty file, then renames over it. */
async function reserveAndRename({ partials, partial }: CompleteFile, root: OpenedFolder, name: string) {
  try {
    const { handle } = await root.file(name, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL);
    await handle.close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  await partials.rename(partial, root, name);
  return true;
}
