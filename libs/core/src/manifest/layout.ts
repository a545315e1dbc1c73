/** The bytes of one piece; the last piece of a document may be shorter (profile `unixfs-v1-2025`, IPIP-499). */
export const PIECE_BYTES = 1_048_576;

/** The most children that one node of the tree has (profile `unixfs-v1-2025`). */
export const LINKS_PER_NODE = 1_024;

/** The bytes of one SHA-256 digest. */
export const DIGEST_BYTES = 32;

/** How many pieces a document of this size has; an empty one has a single empty piece. */
export const pieceCount = (sizeBytes: number): number => Math.max(1, Math.ceil(sizeBytes / PIECE_BYTES));

/** The size of one piece of a document. */
export const pieceSizeBytes = (sizeBytes: number, index: number): number =>
  Math.min(PIECE_BYTES, sizeBytes - index * PIECE_BYTES);
