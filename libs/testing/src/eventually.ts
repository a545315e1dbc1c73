import { setTimeout as delay } from 'node:timers/promises';

const PAUSE_MS = 50;

/** Tries until the function neither throws nor answers undefined, false or null; fails with its last error at the limit. */
export async function eventually<T>(
  attempt: () => T | Promise<T>,
  { timeoutMs = 10_000 }: { timeoutMs?: number } = {},
): Promise<Exclude<T, undefined | null | false>> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  do {
    try {
      const value = await attempt();
      if (value !== undefined && value !== null && value !== false)
        return value as Exclude<T, undefined | null | false>;
      last = new Error(`its last answer was ${value}`);
    } catch (error) {
      last = error;
    }
    await delay(PAUSE_MS);
  } while (performance.now() < deadline);
  throw new Error(`Not within ${timeoutMs} ms: ${last instanceof Error ? last.message : String(last)}`, {
    cause: last,
  });
}
