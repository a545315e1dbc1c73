/** What the file system reports of a file that an edit changes. */
export interface FileVersion {
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  readonly inode: number;
}

/** A repair that a crash may have cut off within this time had no chance yet to set the file's time back. */
const REPAIR_WRITE_LIMIT_MS = 10_000;

/**
 * Wrong bytes in a file that looks the same before and after they were read are damage. When its size, time of change
 * or inode differs, somebody edited or replaced it: that is the watcher's business, and never undone by a repair.
 */
export const isDamage = (recorded: FileVersion, before: FileVersion, after: FileVersion): boolean =>
  isSameVersion(recorded, before) && isSameVersion(recorded, after);

/** Whether the file system shows the file as it was recorded. */
export const isSameVersion = (one: FileVersion, other: FileVersion): boolean =>
  one.sizeBytes === other.sizeBytes && one.modifiedAtMs === other.modifiedAtMs && one.inode === other.inode;

/** Whether the file's new time stems from our own repair, which a crash cut off, and not from an edit since. */
export const isOwnRepair = (recorded: FileVersion, found: FileVersion, startedAtMs: number): boolean =>
  recorded.sizeBytes === found.sizeBytes &&
  recorded.inode === found.inode &&
  found.modifiedAtMs >= startedAtMs - 1_000 && // file systems stamp with a coarser clock
  found.modifiedAtMs <= startedAtMs + REPAIR_WRITE_LIMIT_MS;
