/** What has an end. */
export interface Closable {
  close(): void | Promise<void>;
}

/** Longer than any part takes that still does something: a stop must not wait for one that hangs. */
const STEP_LIMIT_MS = 10_000;

/**
 * Closes groups of parts one after the other, the parts of a group together. A part that fails or hangs does not keep the
 * others open; rejects at the end with all failures together.
 */
export async function closeInTurn(groups: readonly (readonly Closable[])[], limitMs = STEP_LIMIT_MS): Promise<void> {
  const failures: unknown[] = [];
  for (const group of groups) {
    const ends = await Promise.allSettled(group.map((part) => closeWithin(part, limitMs)));
    for (const end of ends) if (end.status === 'rejected') failures.push(end.reason);
  }
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} parts were not closed: ${failures.map(String).join('; ')}`);
}

async function closeWithin(part: Closable, limitMs: number): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`${part.constructor.name} did not close within ${limitMs} ms`)),
    limitMs,
  );
  try {
    await Promise.race([part.close(), promise]);
  } finally {
    clearTimeout(timer);
  }
}
