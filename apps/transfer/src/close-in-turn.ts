/** A part with a lifetime. */
export interface Closable {
  close(): void | Promise<void>;
}

/** Half of the 10 s after which platform ends the process: the parts after one that hangs must still be closed. */
const PART_LIMIT_MS = 5_000;

/**
 * Closes groups of named parts one after the other, the parts of a group together. A part that fails or hangs does not keep
 * the others open; rejects at the end with all failures together.
 */
export async function closeInTurn(
  groups: readonly Readonly<Record<string, Closable>>[],
  limitMs = PART_LIMIT_MS,
): Promise<void> {
  const failures: unknown[] = [];
  for (const group of groups) {
    const closing = Object.entries(group).map(([name, part]) => closeWithin(limitMs, name, part));
    for (const end of await Promise.allSettled(closing)) if (end.status === 'rejected') failures.push(end.reason);
  }
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} parts were not closed: ${failures.map(String).join('; ')}`);
}

async function closeWithin(limitMs: number, name: string, part: Closable): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${name} did not close within ${limitMs} ms`)), limitMs);
  try {
    await Promise.race([part.close(), promise]);
  } finally {
    clearTimeout(timer);
  }
}
