import { z } from 'zod';
import { CollectionId, LibraryPath, TimestampMs } from './content.ts';
import { request, signal } from './contract.ts';
import { DEFAULT_IGNORE } from './ignored-files.ts';
import { settings } from './settings.ts';

/** Visibility of a collection's documents: to all peers, or to the users of this node only. */
export const Visibility = z.enum(['public', 'private']);
export type Visibility = z.output<typeof Visibility>;

/** A folder that is shared as a part of the library. */
export const Collection = z.strictObject({
  id: CollectionId,
  /** Display name. */
  name: z.string().trim().min(1).max(100),
  /** Absolute path of the folder on the node's machine; with Docker, inside the containers. */
  folder: z.string().max(4096).startsWith('/', 'must be an absolute path'),
  visibility: Visibility.default('public'),
  /** Whether this node may write to the folder: downloads and repairs. */
  writable: z.boolean().default(true),
  /** Patterns of files that are not shared, in .gitignore's syntax; by default, leftovers of systems. */
  ignore: z
    .array(z.string().min(1).max(1_024))
    .max(200)
    .default(() => [...DEFAULT_IGNORE]),
  /** Whether downloads are saved here. */
  takesDownloads: z.boolean().default(false),
});
export type Collection = z.output<typeof Collection>;

/** Thresholds at which missing files count as a broken mount rather than a deletion; both must be reached. */
export const FreezeLimits = z.strictObject({
  /** Percentage of a collection's known files. */
  percent: z.number().min(1).max(100).default(20),
  files: z.int().min(1).max(1_000_000).default(20),
});
export type FreezeLimits = z.output<typeof FreezeLimits>;

/** The collections; when empty, nothing is shared. A new node starts with one: the library folder, public. */
export const CollectionsSettings = settings({
  name: 'collections',
  schema: z
    .strictObject({ collections: z.array(Collection).max(64).default([]), freeze: FreezeLimits.prefault({}) })
    .superRefine(({ collections }, context) => {
      const refuse = (message: string) => context.addIssue({ code: 'custom', path: ['collections'], message });
      const ids = collections.map(({ id }) => id);
      if (new Set(ids).size < ids.length) refuse('every collection must have an id of its own');
      const roots = collections.map(({ folder }) => `${folder.replace(/\/+$/, '')}/`);
      if (roots.some((root, at) => roots.some((other, i) => i !== at && other.startsWith(root))))
        refuse('a collection must not lie in the folder of another');
      const receivers = collections.filter(({ takesDownloads }) => takesDownloads);
      if (receivers.length > 1) refuse('only one collection can take downloads');
      if (receivers.some(({ writable }) => !writable)) refuse('a collection that takes downloads must be writable');
    }),
});

/** Watch mode of a collection: change notifications of the file system, or periodic scans. */
export const WatchMode = z.enum(['events', 'polling']);
export type WatchMode = z.output<typeof WatchMode>;

/** State of a collection. */
export const CollectionState = z.enum([
  /** The first scan is running. */
  'scanning',
  /** Normal operation: changes are published. */
  'watching',
  /** Too many files are missing: none is published as lost until they return or the user confirms the deletion. */
  'frozen',
  /** The folder cannot be read. */
  'unavailable',
]);
export type CollectionState = z.output<typeof CollectionState>;

/** Current status of a collection, as seen by the watcher. */
export const CollectionStatus = z.object({
  id: CollectionId,
  state: CollectionState,
  /** Why it is frozen or unavailable, for people; null when there is no problem. */
  evidence: z.string().max(1_000).nullable(),
  /** What to do about it; null when nothing needs to be done. */
  remedy: z.string().max(1_000).nullable(),
  /** Identity of the folder at the last good scan; null before the first scan. */
  folderIdentity: z.string().max(64).nullable().default(null),
  watchMode: WatchMode,
  /** Reason for this mode, such as the file system's type or the result of the trial. */
  watchModeReason: z.string().max(500),
  /** Number of files published as found. */
  knownFiles: z.int().nonnegative(),
  /** Number of files that may have changed and are not published yet. */
  waitingFiles: z.int().nonnegative(),
  /** The running scan; null between scans. `etaMs` is null while it cannot be estimated. */
  scan: z
    .object({
      startedAtMs: TimestampMs,
      filesSeen: z.int().nonnegative(),
      filesExpected: z.int().nonnegative(),
      etaMs: z.number().nonnegative().nullable(),
    })
    .nullable(),
  lastScanAtMs: TimestampMs.nullable(),
});
export type CollectionStatus = z.output<typeof CollectionStatus>;

/** Lists the status of all collections, in the order of the settings. */
export const ListCollections = request({
  subject: 'watcher.collections.list',
  request: z.object({}),
  reply: z.object({ items: z.array(CollectionStatus).max(64) }),
  timeoutMs: 5_000,
});

/** Confirms that the files missing from a frozen collection were deleted; `conflict` when it is not frozen. */
export const ConfirmDeletions = request({
  subject: 'watcher.collections.confirm-deletions',
  request: z.object({ id: CollectionId }),
  reply: CollectionStatus,
  timeoutMs: 5_000,
});

/** Starts a scan of a collection, or of one folder in it. */
export const ScanCollection = request({
  subject: 'watcher.collections.scan',
  request: z.object({ id: CollectionId, folder: LibraryPath.optional() }),
  reply: z.object({}),
  timeoutMs: 5_000,
});

/** A collection froze, recovered, changed mode or its scan progressed; at most one a second for each. */
export const CollectionChanged = signal({ subject: 'live.collection.changed', schema: CollectionStatus });

/** Runs a trial: creates and removes a file in a writable collection's `.allibrary` for the watcher to notice. */
export const ProbeCollection = request({
  subject: 'transfer.collections.probe',
  request: z.object({ id: CollectionId, name: z.string().regex(/^[a-z0-9-]{8,64}$/) }),
  reply: z.object({}),
  timeoutMs: 5_000,
});

/** State of one file, as seen by the service that replies. */
export const FileState = z.enum([
  /** The file's document is shared. */
  'shared',
  /** It changed recently and must be stable before it is read. */
  'settling',
  /** It is waiting to be read, or is being read. */
  'hashing',
  /** It is excluded: it matches a pattern, its name is hidden, or it is not a readable file. */
  'not-shared',
  /** Its collection is frozen or unavailable, so its state is unknown. */
  'frozen',
  /** The file does not exist. */
  'missing',
]);
export type FileState = z.output<typeof FileState>;

/** A file of the library and its state. */
export const FileReport = z.object({
  collection: CollectionId,
  path: LibraryPath,
  state: FileState,
  /** The reason, for people, and what to do if anything can be done. */
  reason: z.string().max(500),
});
export type FileReport = z.output<typeof FileReport>;

/** Returns the watcher's state of a file; `hashing` for a published one, because transfer decides the rest. */
export const ExplainFile = request({
  subject: 'watcher.files.explain',
  request: z.object({ collection: CollectionId, path: LibraryPath }),
  reply: FileReport,
  timeoutMs: 5_000,
});
