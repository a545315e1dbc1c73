import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { syncFolder } from '@allibrary/platform';

/** Files that lay directly in the folder of p2p-node before there were profiles. */
const DATABASES = ['announcements.sqlite', 'peers.sqlite', 'provider-records.sqlite'];
const PLAIN_FILES = ['known-peers.json'];
/** SQLite replays a log only beside its database, so the database moves last. */
const IN_ORDER = ['.discard', '-wal', '-shm', ''];
/** LevelDB of version 0.1. */
const OBSOLETE_FOLDER = 'datastore';

/**
 * Creates a profile's folder and moves the files of earlier versions into it. Each move is one rename that is fsynced
 * before the next: a process that is killed in between continues at its next start.
 */
export function openProfileFolder(folder: string): void {
  const earlier = dirname(folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  syncFolder(earlier);
  for (const name of DATABASES) moveAll(name, IN_ORDER, earlier, folder);
  for (const name of PLAIN_FILES) moveAll(name, [''], earlier, folder);
  rmSync(join(earlier, OBSOLETE_FOLDER), { recursive: true, force: true });
}

/** The main file in the new place means that an earlier run has finished: what still lies in the old place is obsolete. */
function moveAll(name: string, suffixes: readonly string[], from: string, to: string): void {
  const isDone = existsSync(join(to, name));
  for (const suffix of suffixes) {
    const file = join(from, name + suffix);
    if (!existsSync(file)) continue;
    if (isDone) rmSync(file);
    else renameSync(file, join(to, name + suffix));
    syncFolder(to);
    syncFolder(from);
  }
}
