/** Puts an SQLite file back to an earlier state, as a power cut does that takes back its last transactions. */
import { copyFile, rm } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';

const snapshotFile = (file: string): string => `${file}.older`;

/** Keeps what a database holds now, while others write to it. */
export async function snapshotOf(file: string): Promise<void> {
  await rm(snapshotFile(file), { force: true });
  const db = new DatabaseSync(file, { timeout: 5_000 });
  try {
    db.prepare('VACUUM INTO ?').run(snapshotFile(file));
  } finally {
    db.close();
  }
}

/** Puts a database back to what was kept of it; nobody may have it open. */
export async function restoreSnapshot(file: string): Promise<void> {
  for (const suffix of ['-wal', '-shm']) await rm(file + suffix, { force: true });
  await copyFile(snapshotFile(file), file);
}
