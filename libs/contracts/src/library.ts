import { z } from 'zod';
import { event, request, signal } from './contract.ts';
import { CollectionId, DocumentId, LibraryDocument, LibraryPath, Location, SizeBytes, TimestampMs } from './content.ts';
import { FileReport } from './collections.ts';

/** A file in the library is stable: it is new, or its bytes changed. */
export const FileFound = event({
  stream: 'LIBRARY',
  subject: 'library.file.found',
  schema: Location.extend({
    sizeBytes: SizeBytes,
    modifiedAtMs: TimestampMs,
    observedAtMs: TimestampMs,
  }),
  key: (file) => `${file.collection}/${file.path}@${file.observedAtMs}`,
});

/** A file is no longer in the library, or no longer shared. */
export const FileLost = event({
  stream: 'LIBRARY',
  subject: 'library.file.lost',
  schema: Location.extend({
    /** The file exists but is excluded from sharing: by a pattern, or with its whole collection. */
    isLeftOut: z.boolean().optional(),
    observedAtMs: TimestampMs,
  }),
  key: (file) => `${file.collection}/${file.path}@${file.observedAtMs}`,
});

/** Number of a fact about a document, raised by the catalog; of two facts about one document, the higher is later. */
export const Revision = z.int().nonnegative();

/** A document is in the library; published again when its name, locations or visibility change. */
export const DocumentAdded = event({
  stream: 'LIBRARY',
  subject: 'library.document.added',
  schema: LibraryDocument.extend({ changedAtMs: TimestampMs, revision: Revision.optional() }),
  key: (document) => `${document.documentId}@${document.revision ?? document.changedAtMs}`,
});

/** A document's last location is gone: it is no longer shared. */
export const DocumentRemoved = event({
  stream: 'LIBRARY',
  subject: 'library.document.removed',
  schema: z.object({ documentId: DocumentId, changedAtMs: TimestampMs, revision: Revision.optional() }),
  key: (document) => `${document.documentId}@${document.revision ?? document.changedAtMs}`,
});

/** A document can be searched; when only its name was indexed, `problem` gives the reason. */
export const DocumentIndexed = event({
  stream: 'LIBRARY',
  subject: 'library.document.indexed',
  schema: z.object({
    documentId: DocumentId,
    words: z.int().nonnegative(),
    problem: z.string().max(500).nullable(),
    indexedAtMs: TimestampMs,
  }),
  key: (document) => `${document.documentId}@${document.indexedAtMs}`,
});

/** One page of a list; the cursor of the next page is null on the last one. */
export const page = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

/** Parameters of a page request. */
export const PageRequest = z.object({
  cursor: z.string().max(512).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** Lists the documents of this node, newest first. */
export const ListDocuments = request({
  subject: 'transfer.documents.list',
  request: PageRequest,
  reply: page(LibraryDocument).extend({ total: z.int().nonnegative() }),
  timeoutMs: 5_000,
});

/** Returns one document of this node; `not-found` when it is not on this node. */
export const GetDocument = request({
  subject: 'transfer.documents.get',
  request: z.object({ documentId: DocumentId }),
  reply: LibraryDocument,
  timeoutMs: 5_000,
});

/** Returns which of the given documents this node has. */
export const FindHeldDocuments = request({
  subject: 'transfer.documents.held',
  request: z.object({ documentIds: z.array(DocumentId).min(1).max(500) }),
  reply: z.object({ documentIds: z.array(DocumentId).max(500) }),
  timeoutMs: 5_000,
});

/** Lists the latest fact about each document of this node, ordered by id, for the comparison with a read model. */
export const ListRevisions = request({
  subject: 'transfer.documents.revisions',
  request: z.object({ after: z.string().max(128).default(''), limit: z.int().min(1).max(1_000).default(1_000) }),
  reply: z.object({
    items: z.array(z.object({ documentId: DocumentId, revision: Revision, isPublic: z.boolean() })),
    isLast: z.boolean(),
    /** Latest revision of the whole catalog when the page was read; a document missing from it was removed by then. */
    latest: Revision,
  }),
  timeoutMs: 5_000,
});

/** The catalog was opened and may have lost its latest changes; read models compare themselves with it. */
export const CatalogOpened = signal({ subject: 'live.catalog.opened', schema: z.object({}) });

/** Returns how far the catalog is behind the watcher's facts, and the collections of which it holds files. */
export const GetCatalogStatus = request({
  subject: 'transfer.catalog.status',
  request: z.object({}),
  reply: z.object({
    /** Number of facts about files that are not handled yet. */
    waiting: z.int().nonnegative(),
    collections: z.array(CollectionId),
  }),
  timeoutMs: 5_000,
});

/** Lists the files of one collection in the catalog, ordered by path as UTF-8. */
export const ListFiles = request({
  subject: 'transfer.files.list',
  request: z.object({
    collection: CollectionId,
    after: z.string().max(4_096).default(''),
    limit: z.int().min(1).max(1_000).default(1_000),
  }),
  reply: z.object({
    items: z.array(
      z.object({
        path: LibraryPath,
        sizeBytes: SizeBytes,
        modifiedAtMs: TimestampMs,
        inode: z.number(),
        device: z.number(),
      }),
    ),
    isLast: z.boolean(),
  }),
  timeoutMs: 5_000,
});

/** Returns transfer's state of a file: `shared` with its document, `hashing`, or `not-shared` with the reason. */
export const GetFile = request({
  subject: 'transfer.files.get',
  request: Location,
  reply: FileReport.extend({ documentId: DocumentId.nullable() }),
  timeoutMs: 5_000,
});
