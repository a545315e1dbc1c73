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

/** Number of levels of nodes above the pieces of a document; 0 for a document of one piece. */
export function nodeLevels(sizeBytes: number): number {
  let levels = 0;
  for (let count = pieceCount(sizeBytes); count > 1; count = Math.ceil(count / LINKS_PER_NODE)) levels += 1;
  return levels;
}

/** Number of pieces below one child of a full node at this level, counted from the pieces: the lowest level is 1. */
export const piecesPerChild = (level: number): number => LINKS_PER_NODE ** (level - 1);

/** Sizes of the children that the balanced tree has below a node of this level and size. */
export function childSizes(sizeBytes: number, level: number): number[] {
  const full = piecesPerChild(level) * PIECE_BYTES;
  const count = Math.ceil(sizeBytes / full);
  return Array.from({ length: count }, (_, index) => Math.min(full, sizeBytes - index * full));
}
