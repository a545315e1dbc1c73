/** A file's version, as its folder entry shows it: when it differs, the file was written. */
export interface FileVersion {
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  /** The identity of the file in its file system, `device:inode`: a file that is moved keeps it. */
  readonly inode: string;
}

/** What was seen at a path: a version of a file, or null where there is no file to share. */
export type Sighting = FileVersion | null;

/** Whether nothing has happened between two sightings of a path. */
export const isSameSighting = (one: Sighting, other: Sighting): boolean =>
  one?.sizeBytes === other?.sizeBytes && one?.modifiedAtMs === other?.modifiedAtMs && one?.inode === other?.inode;

/**
 * Whether a file is still the one that was published. Its device may have another number after a mount, so it is not
 * compared; where inodes are not kept, only size and time are.
 */
export const isUnchanged = (known: FileVersion, seen: FileVersion, keepsInodes: boolean): boolean =>
  known.sizeBytes === seen.sizeBytes &&
  known.modifiedAtMs === seen.modifiedAtMs &&
  (!keepsInodes || withoutDevice(known.inode) === withoutDevice(seen.inode));

const withoutDevice = (inode: string): string => inode.slice(inode.indexOf(':'));
