import type { Logger } from '@allibrary/platform';

/** Dials pause for at most a minute: the next lines come after seconds, a quarter of an hour, an hour, four hours. */
const LOGGED_EVERY_TIMES = 4;

/** Logs that a peer named by the owner does not answer: at once, and then less and less often. */
export function logNamedPeerFailure(
  logger: Pick<Logger, 'warn'>,
  target: string,
  failures: number,
  error: string,
): void {
  if (!isPowerOf(LOGGED_EVERY_TIMES, failures)) return;
  const message = `${target} does not answer, retrying: check its address, and that the node runs there`;
  logger.warn({ target, failures, error }, message);
}

function isPowerOf(base: number, count: number): boolean {
  let power = 1;
  while (power < count) power *= base;
  return power === count;
}
