/** No body of the REST interface is nested deeper. */
export const MOST_LEVELS = 32;

/** Whether a parsed body is nested deeper than so many levels: whatever walks through it recurses. */
export function isDeeperThan(levels: number, body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false;
  if (levels === 0) return true;
  return Object.values(body).some((value) => isDeeperThan(levels - 1, value));
}
