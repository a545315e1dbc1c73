/** A file's version, as far as its folder entry tells: when it differs, somebody has written. */
export interface FileVersion {
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  /** The file system's own name of the file, `device:inode`: a file that is moved keeps it. */
  readonly inode: string;
}

/** What was seen at a path: a version of a file, or null where there is no file to share. */
export type Sighting = FileVersion | null;

/** Whether nothing has happened between two sightings of a path. */
export const isSameSighting = (one: Sighting, other: Sighting): boolean =>
  one?.sizeBytes === other?.sizeBytes && one?.modifiedAtMs === other?.modifiedAtMs && one?.inode === other?.inode;

/**
 * Whether a published file is still the one that was published. Its device has another number after it was mounted
 * anew; and where inodes are not kept, only size and time can tell.
 */
export const isUnchanged = (known: FileVersion, seen: FileVersion, keepsInodes: boolean): boolean =>
  known.sizeBytes === seen.sizeBytes &&
  known.modifiedAtMs === seen.modifiedAtMs &&
  (!keepsInodes || withoutDevice(known.inode) === withoutDevice(seen.inode));

const withoutDevice = (inode: string): string => inode.slice(inode.indexOf(':'));
