import type { CollectionStatus } from '@allibrary/contracts';

/** The opened folder of a collection. */
export interface SeenRoot {
  /** See `folderIdentity` of libs/library. */
  readonly identity: string;
  /** Where the file system that holds the folder is mounted. */
  readonly mountPoint: string;
}

/** What the watcher last reported of the collection. */
export type WatcherReport = Pick<CollectionStatus, 'state' | 'evidence' | 'remedy' | 'folderIdentity'>;

/** What is known of a collection's folder. */
export interface RootCase {
  /** The folder as it is now; a text is the reason why it cannot be opened. */
  readonly seen: SeenRoot | string;
  /** The folder as it was when all was well; undefined before it was first seen. */
  readonly known: SeenRoot | undefined;
  /** Undefined while the watcher has not reported. */
  readonly report: WatcherReport | undefined;
}

/** Whether a collection is withheld and why; a folder that is not withheld becomes the known one. */
export type RootVerdict =
  | { readonly kind: 'well'; readonly root: SeenRoot }
  | { readonly kind: 'withheld'; readonly reason: string };

/** Judges whether a collection's folder is the one that holds its files. */
export function judgeRoot({ seen, known, report }: RootCase): RootVerdict {
  if (typeof seen === 'string') return withheld(`${seen}. Mount its disk, or create the folder.`);
  if (report?.state === 'frozen' || report?.state === 'unavailable')
    return withheld([report.evidence, report.remedy].filter(Boolean).join('. '));
  if (!known || seen.identity === known.identity) return { kind: 'well', root: seen };
  if (isUnmounted(seen, known)) {
    return withheld(
      `its folder is on another disk than before: mount the disk of ${known.mountPoint}. If it is to stay where it is now, remove the collection and add it again.`,
    );
  }
  // A disk may get another device number when it is mounted again; the watcher looks whether its files are there.
  if (report?.folderIdentity === seen.identity) return { kind: 'well', root: seen };
  return withheld(
    'its folder is not the one that held its files, or its disk was mounted again: it is looked through first.',
  );
}

const withheld = (reason: string): RootVerdict => ({ kind: 'withheld', reason: reason.slice(0, 400) });

/** The folder lies on the file system that the missing disk was mounted on. */
const isUnmounted = (seen: SeenRoot, known: SeenRoot): boolean =>
  seen.mountPoint !== known.mountPoint &&
  known.mountPoint.startsWith(seen.mountPoint.endsWith('/') ? seen.mountPoint : `${seen.mountPoint}/`);
