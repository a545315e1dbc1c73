/** Null when all is well, else what is wrong. */
export type HealthCheck = () => string | null | Promise<string | null>;

const CHECK_LIMIT_MS = 2_000;

/** What a service stands on, and whether it is there. */
export class Health {
  readonly #checks = new Map<string, HealthCheck>();
  readonly #notices = new Map<string, HealthCheck>();

  /** Adds something that must be well for the service to be ready. */
  addCheck(name: string, check: HealthCheck): void {
    this.#checks.set(name, check);
  }

  /** Adds something that the owner should look at although the service works. */
  addNotice(name: string, check: HealthCheck): void {
    this.#notices.set(name, check);
  }

  /** Each check with its problem, or null; a check that fails or does not end is a problem too. */
  async report(): Promise<Record<string, string | null>> {
    return outcomes(this.#checks);
  }

  /** The notices that stand now. */
  async notices(): Promise<Record<string, string>> {
    const found = Object.entries(await outcomes(this.#notices));
    return Object.fromEntries(found.flatMap(([name, notice]) => (notice === null ? [] : [[name, notice]])));
  }
}

async function outcomes(checks: ReadonlyMap<string, HealthCheck>): Promise<Record<string, string | null>> {
  const results = await Promise.all([...checks].map(async ([name, check]) => [name, await outcome(check)] as const));
  return Object.fromEntries<string | null>(results);
}

async function outcome(check: HealthCheck): Promise<string | null> {
  const late = Promise.withResolvers<string>();
  const timer = setTimeout(() => late.resolve(`no answer within ${CHECK_LIMIT_MS} ms`), CHECK_LIMIT_MS);
  try {
    return await Promise.race([Promise.resolve().then(check), late.promise]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}
