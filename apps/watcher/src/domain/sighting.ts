/** A file's version, as far as its folder entry tells: when it differs, somebody has written. */
export interface FileVersion {
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
}

/** What was seen at a path: a version of a file, or null where there is no file to share. */
export type Sighting = FileVersion | null;

/** Whether nothing has happened between two sightings of a path. */
export const isSameSighting = (one: Sighting, other: Sighting): boolean =>
  one?.sizeBytes === other?.sizeBytes && one?.modifiedAtMs === other?.modifiedAtMs;
