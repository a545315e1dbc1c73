import { librarySettings } from '@allibrary/library';
import { commonSettings, type ConfigOf, defineConfig, setting } from '@allibrary/platform';
import { z } from 'zod';

const wholeNumber = (min: number, max: number) =>
  z.coerce
    .number('must be a number')
    .int('must be a whole number')
    .min(min, `must be at least ${min}`)
    .max(max, `must be at most ${max}`);

/** The settings of the indexer. */
export const indexerConfig = defineConfig({
  ...commonSettings,
  ...librarySettings,
  extractionTimeLimitMs: setting(
    'ALLIBRARY_EXTRACTION_TIME_LIMIT_MS',
    wholeNumber(1_000, 3_600_000).default(60_000),
    'How long the text of one document may take; then it is found by its name only.',
  ),
  extractionMemoryMiB: setting(
    'ALLIBRARY_EXTRACTION_MEMORY_MIB',
    wholeNumber(192, 65_536).default(512),
    'How much memory the text of one document may take; beyond, it is found by its name only.',
  ),
  extractionChildren: setting(
    'ALLIBRARY_EXTRACTION_CHILDREN',
    wholeNumber(1, 4).default(1),
    'How many documents are read at once, each in a process of its own.',
  ),
  maxTextCharacters: setting(
    'ALLIBRARY_MAX_TEXT_CHARACTERS',
    wholeNumber(1_000, 100_000_000).default(20_000_000),
    'So many characters of a document can be found; the rest of a longer one can not.',
  ),
});

/** The values of the indexer's settings. */
export type IndexerConfig = ConfigOf<typeof indexerConfig.settings>;
