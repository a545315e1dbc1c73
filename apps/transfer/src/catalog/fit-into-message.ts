/** A page stays well below the longest message of the bus. */
const MAX_PAGE_BYTES = 400_000;

/** Returns the first items that fit into one message; at least one. */
export function fitIntoMessage<T>(items: readonly T[]): T[] {
  let bytes = 0;
  const fits = (item: T, index: number): boolean => {
    bytes += Buffer.byteLength(JSON.stringify(item));
    return index === 0 || bytes <= MAX_PAGE_BYTES;
  };
  const end = items.findIndex((item, index) => !fits(item, index));
  return items.slice(0, end < 0 ? items.length : end);
}
