import {
  CollectionId,
  DocumentId,
  DocumentReport,
  GetFile,
  GetFixity,
  LibraryDocument,
  ListDocuments,
  PageRequest,
} from '@allibrary/contracts';
import { z } from 'zod';
import { defineRoutes } from './route.ts';

const params = z.object({ documentId: DocumentId });

/** The documents that this node holds, and the state of its files. */
export const documentRoutes = defineRoutes({
  'GET /documents': {
    summary: 'The documents of this node, newest first.',
    role: 'reader',
    query: PageRequest,
    reply: ListDocuments.reply,
  },
  'GET /documents/:documentId': {
    summary: 'One document of this node.',
    role: 'reader',
    params,
    reply: LibraryDocument,
  },
  'GET /documents/:documentId/content': {
    summary: "A document's bytes, whole or as one range of them.",
    role: 'reader',
    params,
    headers: z.object({
      range: z.string().optional().meta({ description: 'One range, like bytes=0-1023.' }),
      'if-range': z.string().optional(),
      'if-none-match': z.string().optional(),
    }),
    media: 'application/octet-stream',
  },
  'GET /documents/:documentId/cover': {
    summary: 'A small JPEG of the cover of a PDF or an EPUB, rendered by this node.',
    role: 'reader',
    params,
    media: 'image/jpeg',
  },
  'GET /documents/:documentId/report': {
    summary: 'Pages, words and metadata of a document, or why its text is unknown.',
    role: 'reader',
    params,
    reply: DocumentReport,
  },
  'GET /documents/:documentId/fixity': {
    summary: 'When each file of a document was last verified, the result, and which peers supplied its repair.',
    role: 'reader',
    params,
    reply: GetFixity.reply,
  },
  'GET /files': {
    summary: 'State of a file. The path is absolute, or relative to the given collection.',
    role: 'librarian',
    query: z.object({ path: z.string().min(1).max(8_192), collection: CollectionId.optional() }),
    reply: GetFile.reply,
  },
});
