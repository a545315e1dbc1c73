import { librarySettings } from '@allibrary/library';
import { type ConfigOf, SecretText, commonSettings, defineConfig, secret, setting } from '@allibrary/platform';
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
  meilisearchUrl: setting(
    'ALLIBRARY_MEILISEARCH_URL',
    z.url({ protocol: /^https?$/, error: 'must be an address such as http://meilisearch:7700' }).optional(),
    'Where Meilisearch listens, to keep the search index there; without it the index is a file of this node.',
  ),
  meilisearchMasterKey: secret(
    'ALLIBRARY_MEILISEARCH_MASTER_KEY',
    SecretText.optional(),
    'The master key of Meilisearch; used only to get a key for the indexes of this node.',
  ),
  meilisearchPrefix: setting(
    'ALLIBRARY_MEILISEARCH_PREFIX',
    z
      .string()
      .regex(/^[A-Za-z0-9-]{1,40}$/, 'must have 1 to 40 letters, digits and hyphens')
      .default('allibrary'),
    'What the names of the indexes in Meilisearch begin with; several nodes that share one Meilisearch need different ones.',
  ),
  extractionTimeLimitMs: setting(
    'ALLIBRARY_EXTRACTION_TIME_LIMIT_MS',
    wholeNumber(1_000, 3_600_000).default(60_000),
    'Time limit for the text of one document; beyond it, the document is found by its name only.',
  ),
  extractionMemoryMiB: setting(
    'ALLIBRARY_EXTRACTION_MEMORY_MIB',
    wholeNumber(192, 65_536).default(512),
    'Memory limit for the text of one document; beyond it, the document is found by its name only.',
  ),
  extractionChildren: setting(
    'ALLIBRARY_EXTRACTION_CHILDREN',
    wholeNumber(1, 4).default(1),
    'How many documents are read at once, each in a process of its own.',
  ),
  readers: setting(
    'ALLIBRARY_READERS',
    z.string().optional(),
    'The folder with unpacked Debian packages of pdftotext, pdftoppm and tesseract; without it they are looked for on the PATH. `none` leaves all to the built-in readers.',
  ),
  ocr: setting(
    'ALLIBRARY_OCR',
    z.stringbool('must be true or false').default(false),
    'Whether the text of scanned PDFs and of pictures is recognised, some seconds a page.',
  ),
  ocrTimeLimitMs: setting(
    'ALLIBRARY_OCR_TIME_LIMIT_MS',
    wholeNumber(10_000, 86_400_000).default(600_000),
    'Time limit of built-in OCR for one document; beyond it, only its first pages are searchable.',
  ),
  ocrLanguages: setting(
    'ALLIBRARY_OCR_LANGUAGES',
    z
      .string()
      .regex(/^[A-Za-z_]{3,20}(?:\+[A-Za-z_]{3,20}){0,9}$/, "must be Tesseract's names of languages, such as deu+eng")
      .default('eng')
      .transform((names) => names.split('+')),
    'The languages of the scans; all but English need ALLIBRARY_OCR_DATA.',
  ),
  ocrDataDir: setting(
    'ALLIBRARY_OCR_DATA',
    z.string().optional(),
    'The folder with a .traineddata for each of these languages, such as /usr/share/tesseract-ocr/5/tessdata.',
  ),
  maxTextCharacters: setting(
    'ALLIBRARY_MAX_TEXT_CHARACTERS',
    wholeNumber(1_000, 100_000_000).default(20_000_000),
    'Number of characters of a document that are searchable.',
  ),
});

/** The values of the indexer's settings. */
export type IndexerConfig = ConfigOf<typeof indexerConfig.settings>;
