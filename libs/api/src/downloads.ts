import {
  CommandDownloads,
  Download,
  DownloadId,
  DownloadPriority,
  DownloadsRequest,
  ListDownloads,
  StartDownload,
  StartDownloads,
} from '@allibrary/contracts';
import { z } from 'zod';
import { defineRoutes } from './route.ts';

const params = z.object({ id: DownloadId });

/** One document, or many at once. */
const NewDownloads = z
  .object({
    documentId: StartDownload.request.shape.documentId.optional(),
    documentIds: StartDownloads.request.shape.documentIds.optional(),
  })
  .refine((given) => Object.keys(given).length === 1, 'must have either documentId or documentIds');

/** Changeable properties of a download. */
const DownloadChange = z.object({
  priority: DownloadPriority.optional(),
  /** Moves it before all others of its priority. */
  moveToFront: z.literal(true).optional(),
});

/** Downloads from peers. */
export const downloadRoutes = defineRoutes({
  'POST /downloads': {
    summary: 'Download one document from peers, or many, each with its own result.',
    role: 'librarian',
    status: 202,
    body: NewDownloads,
    reply: z.union([Download, StartDownloads.reply]),
  },
  'GET /downloads': {
    summary: 'The downloads of this node, newest first, all or those of one state.',
    role: 'reader',
    query: DownloadsRequest,
    reply: ListDownloads.reply,
  },
  'POST /downloads/commands': {
    summary: 'Run a command on many downloads; each has its own result.',
    role: 'librarian',
    body: CommandDownloads.request,
    reply: CommandDownloads.reply,
  },
  'GET /downloads/:id': { summary: 'One download.', role: 'reader', params, reply: Download },
  'POST /downloads/:id/pause': {
    summary: 'Pause a download and keep its pieces.',
    role: 'librarian',
    params,
    reply: Download,
  },
  'POST /downloads/:id/resume': { summary: 'Resume a paused download.', role: 'librarian', params, reply: Download },
  'POST /downloads/:id/retry': {
    summary: 'Retry a failed, cancelled or waiting download now.',
    role: 'librarian',
    params,
    reply: Download,
  },
  'PATCH /downloads/:id': {
    summary: 'Change the priority of a download, or move it to the front.',
    role: 'librarian',
    params,
    body: DownloadChange,
    reply: Download,
  },
  'DELETE /downloads/:id': {
    summary: 'Cancel a running download and delete its pieces, or remove an ended one from the list.',
    role: 'librarian',
    status: 204,
    params,
  },
});
