import { z } from 'zod';

/** A document's id: the CIDv1 (base32, sha2-256) of its bytes under the profile `unixfs-v1-2025` (IPIP-499). */
export const DocumentId = z.string().regex(/^baf[a-z2-7]{56}$/, 'must be a CIDv1 in base32, like bafybei… or bafkrei…');
export type DocumentId = z.output<typeof DocumentId>;

/** A whole file's SHA-256, in lower-case hex. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const BASE58 = '[1-9A-HJ-NP-Za-km-z]';
/** A libp2p peer id in base58: of an Ed25519 key, a secp256k1 key, or the hash of another key (libp2p peer-ids spec). */
export const PeerId = z
  .string()
  .regex(
    new RegExp(`^(12D3KooW${BASE58}{44}|16Uiu2HA${BASE58}{45}|Qm${BASE58}{44})$`),
    'must be a libp2p peer id, like 12D3KooW and 44 more characters',
  );
export type PeerId = z.output<typeof PeerId>;

/** A multiaddr in text form. */
export const MultiaddrText = z.string().min(2).max(512);

/** A path inside a collection: relative, with `/` as separator, without `.` or `..`. */
export const LibraryPath = z.string().min(1).max(4096);

/** The id of a collection, chosen by the user: lower-case letters, digits and hyphens. */
export const CollectionId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1 to 32 lower-case letters, digits or hyphens, like manuscripts');
export type CollectionId = z.output<typeof CollectionId>;

/** Location of a file: a collection and a path in it. */
export const Location = z.object({ collection: CollectionId, path: LibraryPath });
export type Location = z.output<typeof Location>;

/** A file name for display. */
export const FileName = z.string().min(1).max(255);

/** A media type such as `application/pdf`. */
export const MediaType = z.string().min(3).max(127);

/** A size in bytes. */
export const SizeBytes = z.int().nonnegative();

/** A point in time, in milliseconds since 1970 UTC. */
export const TimestampMs = z.number().nonnegative();

/** A document that this node has. */
export const LibraryDocument = z.object({
  documentId: DocumentId,
  name: FileName,
  sizeBytes: SizeBytes,
  mediaType: MediaType,
  /** SHA-256 of the whole document; null until the audit has read it, for a document of several pieces. */
  sha256: Sha256.nullable(),
  /** Locations of its bytes in the library; several files may hold one document. */
  locations: z.array(Location).min(1).max(64),
  /**
   * Whether peers may find and fetch it now: one of its files lies in a public collection that is not frozen, and in no
   * private one.
   */
  isPublic: z.boolean(),
  /** False while all of its files are in collections that are frozen or out of reach; absent means true. */
  isAvailable: z.boolean().optional(),
  addedAtMs: TimestampMs,
});
export type LibraryDocument = z.output<typeof LibraryDocument>;
