import { isAbsolute } from 'node:path';
import { setting } from '@allibrary/platform';
import { z } from 'zod';

/** Where this node's documents may lie; every service that touches files reads it. */
export const librarySettings = {
  libraryDir: setting(
    'ALLIBRARY_LIBRARY',
    z.string('must be set'),
    'The folder of documents to share, until collections are chosen.',
  ),
  libraryRoots: setting(
    'ALLIBRARY_LIBRARY_ROOTS',
    z
      .string()
      .default('')
      .transform((text) => text.split(':').filter((root) => root !== ''))
      .refine((roots) => roots.every(isAbsolute), 'must be absolute paths with ":" between them'),
    'Folders, beside the one above, in which collections may lie: paths with ":" between them.',
  ),
};
