/** A cursor that this node did not write. */
export class InvalidCursor extends Error {
  override readonly name = 'InvalidCursor';
}

/** Writes the number of a page's last row as an opaque cursor. */
export const writeCursor = (number: number | null): string | null =>
  number === null ? null : Buffer.from(`n${number}`).toString('base64url');

/** Reads a cursor back; throws {@link InvalidCursor} for one that was made up. */
export function readCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  const match = /^n(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (!match) throw new InvalidCursor('the cursor was not issued by this node: omit it to start from the beginning');
  return Number(match[1]);
}
