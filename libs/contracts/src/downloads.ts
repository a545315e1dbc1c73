import { z } from 'zod';
import { DocumentId, FileName, PeerId, SizeBytes, TimestampMs } from './content.ts';
import { event, request, signal } from './contract.ts';
import { FailureCode } from './failure.ts';
import { PageRequest, page } from './library.ts';

/** As many downloads as one message may name. */
const MOST_AT_ONCE = 1_000;

/** The id of one download on this node. */
export const DownloadId = z.uuid();

/** Where a download stands. */
export const DownloadState = z.enum([
  /** It waits for its turn. */
  'queued',
  /** It is worked on. */
  'active',
  /** It goes on when its cause has gone. */
  'paused',
  /** The document is in the library. */
  'completed',
  /** It can't be had; it can be tried again. */
  'failed',
  /** The user gave it up; it can be tried again. */
  'cancelled',
]);
export type DownloadState = z.output<typeof DownloadState>;

/** Why a download does not go on, for programs. */
export const DownloadCause = z.enum([
  /** Others are before it. */
  'turn',
  /** No peer that can be reached has the document. */
  'no-source',
  /** No peer that can be reached has the pieces that are still missing. */
  'missing-pieces',
  /** The user paused it. */
  'user',
  /** The disk or the folder does not let it be written. */
  'disk',
  /** The collection that takes downloads is frozen or out of reach, as when its disk is not mounted. */
  'collection',
  /** The network is off, or changes over to another one. */
  'network',
  /** The traffic budget of the month is used up, or nearly: nothing new is begun. */
  'budget',
  /** The document can't be had: what its id leads to is no document of the house's form. */
  'invalid-document',
  /** A defect of this node, which its log tells more of. */
  'internal',
]);
export type DownloadCause = z.output<typeof DownloadCause>;

/** What goes first. */
export const DownloadPriority = z.enum(['low', 'normal', 'high']);
export type DownloadPriority = z.output<typeof DownloadPriority>;

/** What one peer has given to a download. */
export const DownloadSource = z.object({ peerId: PeerId, bytes: SizeBytes });

/** A download, as users see it. */
export const Download = z.object({
  id: DownloadId,
  documentId: DocumentId,
  /** The document's name as its sources call it; the document id until one of them has said it. */
  name: FileName,
  /** Null until the manifest is known. */
  sizeBytes: SizeBytes.nullable(),
  /** Verified bytes that are on disk. */
  bytesDone: SizeBytes,
  state: DownloadState,
  /** Why it does not go on, or failed; null when nothing is in its way. */
  cause: DownloadCause.nullable(),
  /** The same for people, with what they can do about it. */
  reason: z.string().max(500).nullable(),
  priority: DownloadPriority,
  sources: z.array(DownloadSource),
  requestedAtMs: TimestampMs,
});
export type Download = z.output<typeof Download>;

/** Somebody wants a document. */
export const DownloadRequested = event({
  stream: 'TRANSFERS',
  subject: 'transfers.download.requested',
  schema: z.object({ id: DownloadId, documentId: DocumentId, requestedAtMs: TimestampMs }),
  key: (download) => download.id,
});

/** What the user wants of a download now, all of it: of two such facts the later one counts. */
export const DownloadSteered = event({
  stream: 'TRANSFERS',
  subject: 'transfers.download.steered',
  schema: z.object({
    id: DownloadId,
    documentId: DocumentId,
    isPaused: z.boolean(),
    priority: DownloadPriority,
    /** When it was moved to the front of its priority; null when it never was. */
    frontAtMs: TimestampMs.nullable(),
    /** Since when it is wanted: it was requested or tried again; an end before that does not count any more. */
    wantedAtMs: TimestampMs,
    steeredAtMs: TimestampMs,
  }),
  key: (download) => `${download.id}:${download.steeredAtMs}`,
});

/** A download has ended: completed, failed for good, or cancelled; or one that had ended was forgotten. */
export const DownloadEnded = event({
  stream: 'TRANSFERS',
  subject: 'transfers.download.ended',
  schema: z.object({
    id: DownloadId,
    documentId: DocumentId,
    outcome: z.enum(['completed', 'failed', 'cancelled', 'forgotten']),
    cause: DownloadCause.nullable().default(null),
    reason: z.string().max(500).nullable(),
    endedAtMs: TimestampMs,
  }),
  key: (download) => `${download.id}:${download.outcome}:${download.endedAtMs}`,
});

/** Downloads that moved on, as they stand now; one such message a second at most, however many downloads there are. */
export const DownloadsProgressed = signal({
  subject: 'live.downloads.progressed',
  schema: z.object({ items: z.array(Download).min(1).max(50) }),
});

/** Starts a download, or answers the one that is already wanted; `conflict` when the document is here already. */
export const StartDownload = request({
  subject: 'transfer.downloads.start',
  request: z.object({ documentId: DocumentId }),
  reply: Download,
  timeoutMs: 15_000,
});

/** Why one of several could not be done. */
export const ItemFailure = z.object({ code: FailureCode, message: z.string() });

/** Starts many downloads, each answered by itself, in the order of the list. */
export const StartDownloads = request({
  subject: 'transfer.downloads.start-many',
  request: z.object({ documentIds: z.array(DocumentId).min(1).max(MOST_AT_ONCE) }),
  reply: z.object({
    items: z.array(z.object({ documentId: DocumentId, id: DownloadId.nullable(), failure: ItemFailure.nullable() })),
  }),
  timeoutMs: 30_000,
});

/** How many downloads stand in each state. */
export const DownloadCounts = z.record(DownloadState, z.int().nonnegative());
export type DownloadCounts = z.output<typeof DownloadCounts>;

/** How downloads are listed: all, or those of one state. */
export const DownloadsRequest = PageRequest.extend({ state: DownloadState.optional() });

/** The downloads of this node, newest first, and how many there are in each state. */
export const ListDownloads = request({
  subject: 'transfer.downloads.list',
  request: DownloadsRequest,
  reply: page(Download).extend({ counts: DownloadCounts }),
  timeoutMs: 5_000,
});

/** One download; `not-found` when there is none of this id. */
export const GetDownload = request({
  subject: 'transfer.downloads.get',
  request: z.object({ id: DownloadId }),
  reply: Download,
  timeoutMs: 5_000,
});

/** What can be done with a download. */
export const DownloadCommand = z.discriminatedUnion('do', [
  z.object({ do: z.literal('pause') }),
  z.object({ do: z.literal('resume') }),
  /** Tries a failed or cancelled one again, or one that waits for a disk or a source now. */
  z.object({ do: z.literal('retry') }),
  z.object({ do: z.literal('prioritise'), priority: DownloadPriority }),
  /** Before all others of its priority. */
  z.object({ do: z.literal('move-to-front') }),
  /** Stops it and deletes what it has fetched so far; it stays in the list. */
  z.object({ do: z.literal('cancel') }),
  /** Takes one that has ended from the list. */
  z.object({ do: z.literal('forget') }),
]);
export type DownloadCommand = z.output<typeof DownloadCommand>;

/** Does the same with many downloads, each answered by itself, in the order of the list. */
export const CommandDownloads = request({
  subject: 'transfer.downloads.command',
  request: z.object({ ids: z.array(DownloadId).min(1).max(MOST_AT_ONCE), command: DownloadCommand }),
  reply: z.object({
    items: z.array(z.object({ id: DownloadId, state: DownloadState.nullable(), failure: ItemFailure.nullable() })),
  }),
  timeoutMs: 30_000,
});

/** How fast document bytes flow between this node and its peers, averaged over the last five seconds. */
export const GetRates = request({
  subject: 'transfer.rates',
  request: z.object({}),
  reply: z.object({ downloadBytesPerSecond: z.number().nonnegative(), uploadBytesPerSecond: z.number().nonnegative() }),
  timeoutMs: 5_000,
});
