import { DocumentMetadata, DocumentProblemCode, MediaType, MetadataOrigins, Place } from '@allibrary/contracts';
import { z } from 'zod';

/** What a child has used since it was started; it says so with the end of each answer. */
const Usage = z.object({
  residentBytes: z.number().nonnegative(),
  cpuMs: z.number().nonnegative(),
  /** Whether it should be replaced before it reads another document. */
  isWornOut: z.boolean(),
});
export type Usage = z.output<typeof Usage>;

/** More than any picture of 320 dots a side takes. */
const MAX_JPEG_CHARACTERS = 200_000;

const Division = Place.extend({ at: z.int().nonnegative() });

const description = {
  mediaType: MediaType,
  metadata: DocumentMetadata,
  origins: MetadataOrigins,
  sidecarProblem: z.string().max(400).nullable(),
  picturePages: z.array(z.int().positive()).max(100_000).readonly(),
};

/** JPEG begins so, in base64 too. */
const Jpeg = z.base64().startsWith('/9j/').max(MAX_JPEG_CHARACTERS);

/** One message of a child; it has read a stranger's file, so it is trusted in nothing. */
export const Answer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('piece'), text: z.string() }),
  /** The text is only in pictures, so it takes longer; said at most once, before all else. */
  z.object({ kind: z.literal('recognising') }),
  z.object({
    kind: z.literal('end'),
    divisions: z.array(Division).max(20_000).readonly(),
    ...description,
    words: z.int().nonnegative(),
    truncated: z.boolean(),
    usage: Usage,
  }),
  z.object({
    kind: z.literal('problem'),
    problem: z.string().min(1).max(400),
    problemCode: DocumentProblemCode,
    ...description,
    usage: Usage,
  }),
  z.object({ kind: z.literal('changed'), usage: Usage }),
  z.object({ kind: z.literal('cover'), jpeg: Jpeg.nullable(), usage: Usage }),
]);
export type Answer = z.output<typeof Answer>;
