import { z } from 'zod';
import { DocumentId, FileName, PeerId, SizeBytes, TimestampMs } from './content.ts';
import { event, request, signal } from './contract.ts';
import { PageRequest, page } from './library.ts';

/** The id of one download on this node. */
export const DownloadId = z.uuid();

/** Where a download stands; `paused` continues by itself when its reason has gone. */
export const DownloadState = z.enum(['queued', 'active', 'paused', 'completed', 'failed']);
export type DownloadState = z.output<typeof DownloadState>;

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
  /** Why it waits or failed, for people; null when there is nothing to say. */
  reason: z.string().max(500).nullable(),
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

/** A download has ended: completed, failed for good, or cancelled and forgotten. */
export const DownloadEnded = event({
  stream: 'TRANSFERS',
  subject: 'transfers.download.ended',
  schema: z.object({
    id: DownloadId,
    documentId: DocumentId,
    outcome: z.enum(['completed', 'failed', 'cancelled']),
    reason: z.string().max(500).nullable(),
    endedAtMs: TimestampMs,
  }),
  key: (download) => `${download.id}:${download.outcome}`,
});

/** A download moved on; at most one a second for each download, and one at each change of state. */
export const DownloadProgressed = signal({ subject: 'live.download.progressed', schema: Download });

/** Starts a download, or answers the one that already runs; `conflict` when the document is here already. */
export const StartDownload = request({
  subject: 'transfer.downloads.start',
  request: z.object({ documentId: DocumentId }),
  reply: Download,
  timeoutMs: 15_000,
});

/** The downloads of this node, newest first. */
export const ListDownloads = request({
  subject: 'transfer.downloads.list',
  request: PageRequest,
  reply: page(Download),
  timeoutMs: 5_000,
});

/** One download; `not-found` when there is none of this id. */
export const GetDownload = request({
  subject: 'transfer.downloads.get',
  request: z.object({ id: DownloadId }),
  reply: Download,
  timeoutMs: 5_000,
});

/** Cancels a download that runs and deletes what it has fetched so far, or forgets one that has ended. */
export const CancelDownload = request({
  subject: 'transfer.downloads.cancel',
  request: z.object({ id: DownloadId }),
  reply: z.object({}),
  timeoutMs: 15_000,
});

/** How fast document bytes flow between this node and its peers, averaged over the last five seconds. */
export const GetRates = request({
  subject: 'transfer.rates',
  request: z.object({}),
  reply: z.object({ downloadBytesPerSecond: z.number().nonnegative(), uploadBytesPerSecond: z.number().nonnegative() }),
  timeoutMs: 5_000,
});
