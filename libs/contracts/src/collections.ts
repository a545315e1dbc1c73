import { z } from 'zod';
import { CollectionId, LibraryPath, TimestampMs } from './content.ts';
import { request, signal } from './contract.ts';
import { DEFAULT_IGNORE } from './ignored-files.ts';
import { settings } from './settings.ts';

/** Who may find and fetch the documents of a collection: everybody, or the users of this node alone. */
export const Visibility = z.enum(['public', 'private']);
export type Visibility = z.output<typeof Visibility>;

/** A folder that is shared as a part of the library. */
export const Collection = z.strictObject({
  id: CollectionId,
  /** Its name, as people see it. */
  name: z.string().trim().min(1).max(100),
  /** The folder's absolute path on the node's machine; under Docker, in its containers. */
  folder: z.string().max(4096).startsWith('/', 'must be an absolute path'),
  visibility: Visibility.default('public'),
  /** Whether this node may write in the folder: downloads and repairs. */
  writable: z.boolean().default(true),
  /** Files that are not shared, in .gitignore's syntax; when left out, what systems and programs leave behind. */
  ignore: z
    .array(z.string().min(1).max(1_024))
    .max(200)
    .default(() => [...DEFAULT_IGNORE]),
  /** Whether downloads are saved here. */
  takesDownloads: z.boolean().default(false),
});
export type Collection = z.output<typeof Collection>;

/** When a scan misses so much that it is taken for a broken mount instead of a deletion: both must be reached. */
export const FreezeLimits = z.strictObject({
  /** Percent of a collection's known files. */
  percent: z.number().min(1).max(100).default(20),
  files: z.int().min(1).max(1_000_000).default(20),
});
export type FreezeLimits = z.output<typeof FreezeLimits>;

/** The collections; with none, nothing is shared. A new node begins with one: the library folder, public. */
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

/** How changes in a collection are noticed: the system reports them, or the folder is looked through again and again. */
export const WatchMode = z.enum(['events', 'polling']);
export type WatchMode = z.output<typeof WatchMode>;

/** How a collection stands. */
export const CollectionState = z.enum([
  /** It is looked through for the first time. */
  'scanning',
  /** All is well: what changes in it is published. */
  'watching',
  /** So much vanished from it that nothing is called lost until it comes back, or somebody confirms it. */
  'frozen',
  /** Its folder can't be read. */
  'unavailable',
]);
export type CollectionState = z.output<typeof CollectionState>;

/** What is true of a collection now, as the watcher sees it. */
export const CollectionStatus = z.object({
  id: CollectionId,
  state: CollectionState,
  /** What was seen, for people: why it is frozen or unavailable. Null when all is well. */
  evidence: z.string().max(1_000).nullable(),
  /** What to do about it. Null when there is nothing to do. */
  remedy: z.string().max(1_000).nullable(),
  /** Identity of the folder in which its files were last seen well; null before its first scan. */
  folderIdentity: z.string().max(64).nullable().default(null),
  watchMode: WatchMode,
  /** Why this mode, such as the file system's type or the result of the trial. */
  watchModeReason: z.string().max(500),
  /** Files that are published as found. */
  knownFiles: z.int().nonnegative(),
  /** Files that may have changed and are not published yet. */
  waitingFiles: z.int().nonnegative(),
  /** The scan that runs; null between scans. `etaMs` is null while it can't be told. */
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

/** The collections' status, in the order of the settings. */
export const ListCollections = request({
  subject: 'watcher.collections.list',
  request: z.object({}),
  reply: z.object({ items: z.array(CollectionStatus).max(64) }),
  timeoutMs: 5_000,
});

/** Says that what vanished from a frozen collection was really deleted; `conflict` when it is not frozen. */
export const ConfirmDeletions = request({
  subject: 'watcher.collections.confirm-deletions',
  request: z.object({ id: CollectionId }),
  reply: CollectionStatus,
  timeoutMs: 5_000,
});

/** Asks for a scan of a collection, or of one folder in it, now. */
export const ScanCollection = request({
  subject: 'watcher.collections.scan',
  request: z.object({ id: CollectionId, folder: LibraryPath.optional() }),
  reply: z.object({}),
  timeoutMs: 5_000,
});

/** A collection froze, healed, changed its mode, or its scan moved on; at most one a second for each collection. */
export const CollectionChanged = signal({ subject: 'live.collection.changed', schema: CollectionStatus });

/** Makes and removes a file in a writable collection's `.allibrary`: the watcher, which never writes, listens for it. */
export const ProbeCollection = request({
  subject: 'transfer.collections.probe',
  request: z.object({ id: CollectionId, name: z.string().regex(/^[a-z0-9-]{8,64}$/) }),
  reply: z.object({}),
  timeoutMs: 5_000,
});

/** What became of one file, by the service that is asked. */
export const FileState = z.enum([
  /** Its document is shared. */
  'shared',
  /** It changed a moment ago and must keep still before it is read. */
  'settling',
  /** It waits to be read, or is being read. */
  'hashing',
  /** It is left out: a pattern, a hidden name, or something that is no readable file. */
  'not-shared',
  /** Its collection is frozen or unavailable: nothing is said about it now. */
  'frozen',
  /** There is no such file. */
  'missing',
]);
export type FileState = z.output<typeof FileState>;

/** A file of the library and what became of it. */
export const FileReport = z.object({
  collection: CollectionId,
  path: LibraryPath,
  state: FileState,
  /** Why, for people, and what to do where something can be done. */
  reason: z.string().max(500),
});
export type FileReport = z.output<typeof FileReport>;

/** What the watcher knows of a file: one that is published is `hashing` here, for transfer has the last word. */
export const ExplainFile = request({
  subject: 'watcher.files.explain',
  request: z.object({ collection: CollectionId, path: LibraryPath }),
  reply: FileReport,
  timeoutMs: 5_000,
});
