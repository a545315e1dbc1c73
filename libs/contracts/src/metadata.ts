import { z } from 'zod';

/** Where a piece of metadata was read; of two places that differ, the one named first here wins. */
export const MetadataOrigin = z.enum(['sidecar', 'embedded', 'text', 'name']);
export type MetadataOrigin = z.output<typeof MetadataOrigin>;

/** One value of metadata, with where it was read. */
const from = <T extends z.ZodType>(value: T) => z.object({ value, origin: MetadataOrigin });

/** The schemes of identifiers that are understood. */
export const IdentifierScheme = z.enum(['isbn', 'doi', 'issn', 'uuid', 'other']);

/** An identifier in its plain form: ISBN-13 without hyphens, a DOI without `https://doi.org/`. */
export const Identifier = z.object({ scheme: IdentifierScheme, value: z.string().min(1).max(200) });
export type Identifier = z.output<typeof Identifier>;

/** What a document says of itself, or its sidecar of it. Null and empty: unknown. */
export const DocumentMetadata = z.object({
  title: from(z.string().min(1).max(500)).nullable(),
  creators: from(z.array(z.string().min(1).max(200)).max(50)).nullable(),
  year: from(z.int().min(-4000).max(3000)).nullable(),
  publisher: from(z.string().min(1).max(300)).nullable(),
  subjects: from(z.array(z.string().min(1).max(200)).max(100)).nullable(),
  identifiers: from(z.array(Identifier).max(20)).nullable(),
  /** An ISO 639 code, such as `en`. */
  language: from(z.string().regex(/^[a-z]{2,3}$/)).nullable(),
});
export type DocumentMetadata = z.output<typeof DocumentMetadata>;
