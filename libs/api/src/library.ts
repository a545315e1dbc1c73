import {
  AuditReport,
  Collection,
  CollectionId,
  CollectionStatus,
  ConfirmDeletions,
  ScanCollection,
  StartAudit,
} from '@allibrary/contracts';
import { z } from 'zod';
import { defineRoutes } from './route.ts';

const params = z.object({ id: CollectionId });

/** A collection's settings and its status, which is null until the watcher has opened it. */
const CollectionWithStatus = Collection.extend({ status: CollectionStatus.nullable() });

/** Collections, and the audit of their files. */
export const libraryRoutes = defineRoutes({
  'GET /collections': {
    summary: 'Collections with their status, all on one page.',
    role: 'reader',
    reply: z.object({ items: z.array(CollectionWithStatus), nextCursor: z.null() }),
  },
  'POST /collections/:id/scan': {
    summary: 'Scan a collection now, or one folder of it.',
    role: 'librarian',
    status: 202,
    params,
    body: ScanCollection.request.omit({ id: true }),
  },
  'POST /collections/:id/confirm-deletions': {
    summary: 'Confirm that the files missing from a frozen collection were deleted.',
    role: 'administrator',
    params,
    reply: ConfirmDeletions.reply,
  },
  'GET /audit': {
    summary: 'State of the audit: files due, damaged and repaired, and the damaged ones by name.',
    role: 'reader',
    reply: AuditReport,
  },
  'POST /audit': {
    summary: 'Verify the files of one document now, or all files.',
    role: 'librarian',
    status: 202,
    body: StartAudit.request,
    reply: StartAudit.reply,
  },
});
