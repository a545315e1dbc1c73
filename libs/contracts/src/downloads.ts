import { z } from 'zod';
import { DocumentId, FileName, PeerId, SizeBytes, TimestampMs } from './content.ts';
import { event, request, signal } from './contract.ts';
import { FailureCode } from './failure.ts';
import { PageRequest, page } from './library.ts';

/** Maximum number of downloads in one message. */
const MOST_AT_ONCE = 1_000;

/** The id of one download on this node. */
export const DownloadId = z.uuid();

/** State of a download. */
export const DownloadState = z.enum([
  /** Waiting for its turn. */
  'queued',
  /** In progress. */
  'active',
  /** Stopped until its cause is resolved. */
  'paused',
  /** The document is in the library. */
  'completed',
  /** It cannot be downloaded; it can be retried. */
  'failed',
  /** Cancelled by the user; it can be retried. */
  'cancelled',
]);
export type DownloadState = z.output<typeof DownloadState>;

/** Why a download does not progress, for programs. */
export const DownloadCause = z.enum([
  /** Other downloads are ahead of it. */
  'turn',
  /** No reachable peer has the document. */
  'no-source',
  /** No reachable peer has the missing pieces. */
  'missing-pieces',
  /** The user paused it. */
  'user',
  /** The transfer process died twice during the download; it continues when the user resumes or retries it. */
  'crash',
  /** The disk or the folder cannot be written to. */
  'disk',
  /** The collection for downloads is frozen or out of reach, for example because its disk is not mounted. */
  'collection',
  /** The network is off, or is being replaced. */
  'network',
  /** The monthly traffic budget is used up, or has reached the soft stop: nothing new is started. */
  'budget',
  /** The id does not lead to a valid document of the supported profile. */
  'invalid-document',
  /** An internal error of this node; its log has details. */
  'internal',
]);
export type DownloadCause = z.output<typeof DownloadCause>;

/** Priority of a download. */
export const DownloadPriority = z.enum(['low', 'normal', 'high']);
export type DownloadPriority = z.output<typeof DownloadPriority>;

/** Bytes that one peer has contributed to a download. */
export const DownloadSource = z.object({ peerId: PeerId, bytes: SizeBytes });

/** Maximum number of sources of one download: 50 such downloads fit into one message. */
export const MOST_DOWNLOAD_SOURCES = 100;

/** A download, as shown to users. */
export const Download = z.object({
  id: DownloadId,
  documentId: DocumentId,
  /** The document's name as reported by its sources; the document id until one has reported it. */
  name: FileName,
  /** Null until the manifest is known. */
  sizeBytes: SizeBytes.nullable(),
  /** Verified bytes on disk. */
  bytesDone: SizeBytes,
  state: DownloadState,
  /** Why it does not progress, or failed; null when nothing blocks it. */
  cause: DownloadCause.nullable(),
  /** The same for people, with what they can do about it. */
  reason: z.string().max(500).nullable(),
  priority: DownloadPriority,
  sources: z.array(DownloadSource),
  requestedAtMs: TimestampMs,
});
export type Download = z.output<typeof Download>;

/** A download was requested. */
export const DownloadRequested = event({
  stream: 'TRANSFERS',
  subject: 'transfers.download.requested',
  schema: z.object({ id: DownloadId, documentId: DocumentId, requestedAtMs: TimestampMs }),
  key: (download) => download.id,
});

/** Complete desired state of a download; the later of two such facts replaces the earlier. */
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
    /** When it was requested or last retried; an earlier end no longer counts. */
    wantedAtMs: TimestampMs,
    steeredAtMs: TimestampMs,
  }),
  key: (download) => `${download.id}:${download.steeredAtMs}`,
});

/** A download has completed, failed permanently or been cancelled, or an ended one was removed from the list. */
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

/** Current state of downloads that progressed; at most one such message a second, regardless of their number. */
export const DownloadsProgressed = signal({
  subject: 'live.downloads.progressed',
  schema: z.object({ items: z.array(Download).min(1).max(50) }),
});

/** Starts a download, or returns the existing one; `conflict` when the document is already in the library. */
export const StartDownload = request({
  subject: 'transfer.downloads.start',
  request: z.object({ documentId: DocumentId }),
  reply: Download,
  timeoutMs: 15_000,
});

/** Why one item of a batch failed. */
export const ItemFailure = z.object({ code: FailureCode, message: z.string() });

/** Starts many downloads and returns one result for each, in the order of the list. */
export const StartDownloads = request({
  subject: 'transfer.downloads.start-many',
  request: z.object({ documentIds: z.array(DocumentId).min(1).max(MOST_AT_ONCE) }),
  reply: z.object({
    items: z.array(z.object({ documentId: DocumentId, id: DownloadId.nullable(), failure: ItemFailure.nullable() })),
  }),
  timeoutMs: 30_000,
});

/** Number of downloads in each state. */
export const DownloadCounts = z.record(DownloadState, z.int().nonnegative());
export type DownloadCounts = z.output<typeof DownloadCounts>;

/** Filter of a list of downloads: all, or those in one state. */
export const DownloadsRequest = PageRequest.extend({ state: DownloadState.optional() });

/** Lists the downloads of this node, newest first, with the number in each state. */
export const ListDownloads = request({
  subject: 'transfer.downloads.list',
  request: DownloadsRequest,
  reply: page(Download).extend({ counts: DownloadCounts }),
  timeoutMs: 5_000,
});

/** Returns one download; `not-found` when the id is unknown. */
export const GetDownload = request({
  subject: 'transfer.downloads.get',
  request: z.object({ id: DownloadId }),
  reply: Download,
  timeoutMs: 5_000,
});

/** A command to a download. */
export const DownloadCommand = z.discriminatedUnion('do', [
  z.object({ do: z.literal('pause') }),
  z.object({ do: z.literal('resume') }),
  /** Retries a failed or cancelled download, or one that waits for a disk or a source, immediately. */
  z.object({ do: z.literal('retry') }),
  z.object({ do: z.literal('prioritise'), priority: DownloadPriority }),
  /** Moves it ahead of all others of its priority. */
  z.object({ do: z.literal('move-to-front') }),
  /** Cancels it and deletes its partial data; it stays in the list. */
  z.object({ do: z.literal('cancel') }),
  /** Removes an ended download from the list. */
  z.object({ do: z.literal('forget') }),
]);
export type DownloadCommand = z.output<typeof DownloadCommand>;

/** Applies one command to many downloads and returns one result for each, in the order of the list. */
export const CommandDownloads = request({
  subject: 'transfer.downloads.command',
  request: z.object({ ids: z.array(DownloadId).min(1).max(MOST_AT_ONCE), command: DownloadCommand }),
  reply: z.object({
    items: z.array(z.object({ id: DownloadId, state: DownloadState.nullable(), failure: ItemFailure.nullable() })),
  }),
  timeoutMs: 30_000,
});

/** Rates of document bytes between this node and its peers, averaged over the last five seconds. */
export const GetRates = request({
  subject: 'transfer.rates',
  request: z.object({}),
  reply: z.object({ downloadBytesPerSecond: z.number().nonnegative(), uploadBytesPerSecond: z.number().nonnegative() }),
  timeoutMs: 5_000,
});
