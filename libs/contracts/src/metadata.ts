import { z } from 'zod';

/** An identifier in plain form: an ISBN of 13 digits without hyphens, a DOI without `https://doi.org/`. */
export const Identifier = z.object({ scheme: z.enum(['isbn', 'doi']), value: z.string().min(1).max(200) });
export type Identifier = z.output<typeof Identifier>;

/** An ISO 639 code of two or three letters. */
export const LanguageCode = z.string().regex(/^[a-z]{2,3}$/, 'must be an ISO 639 code such as en');

/** Metadata of a document; unknown values are null or empty. */
export const DocumentMetadata = z.object({
  title: z.string().min(1).max(500).nullable(),
  /** Creators, in the order in which the document names them. */
  creators: z.array(z.string().min(1).max(200)).max(20).readonly(),
  /** Year of creation; negative before the common era. */
  year: z.int().min(-4000).max(3000).nullable(),
  publisher: z.string().min(1).max(200).nullable(),
  subjects: z.array(z.string().min(1).max(200)).max(50).readonly(),
  identifiers: z.array(Identifier).max(20).readonly(),
  language: LanguageCode.nullable(),
});
export type DocumentMetadata = z.output<typeof DocumentMetadata>;

/** Origin of a value: a sidecar, the document itself, or its text, from which the language was detected. */
export const MetadataOrigin = z.enum(['sidecar', 'document', 'text']);
export type MetadataOrigin = z.output<typeof MetadataOrigin>;

/** Origin of each part of a document's metadata that is known. */
export const MetadataOrigins = z.partialRecord(DocumentMetadata.keyof(), MetadataOrigin);
export type MetadataOrigins = z.output<typeof MetadataOrigins>;
