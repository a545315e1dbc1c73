/** Maximum nesting of a request body. */
export const MOST_LEVELS = 32;

/** Whether a parsed body is nested deeper than this many levels. Validation recurses, and would overflow the stack. */
export function isDeeperThan(levels: number, body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false;
  if (levels === 0) return true;
  return Object.values(body).some((value) => isDeeperThan(levels - 1, value));
}
