import { createHash, randomBytes } from 'node:crypto';

/** How long a sign-in lasts. */
export const SESSION_MS = 12 * 3_600_000;
const MAX_SESSIONS = 1_000;

/** Sessions of the web page. They are in memory only: a restart ends them all. */
export class Sessions {
  /** End of each session by the hash of its token, oldest first: hashing keeps the lookup time independent of the token. */
  readonly #endsAtMs = new Map<string, number>();

  constructor(private readonly limit = MAX_SESSIONS) {}

  /** Begins a session and returns its token. At the limit the oldest session ends. */
  begin(nowMs: number): string {
    for (const [hash, endsAtMs] of this.#endsAtMs) {
      if (endsAtMs > nowMs && this.#endsAtMs.size < this.limit) break;
      this.#endsAtMs.delete(hash);
    }
    const token = randomBytes(32).toString('base64url');
    this.#endsAtMs.set(hashOf(token), nowMs + SESSION_MS);
    return token;
  }

  /** Whether the token's session is valid. */
  isOpen(token: string, nowMs: number): boolean {
    return (this.#endsAtMs.get(hashOf(token)) ?? 0) > nowMs;
  }

  /** Ends a session. */
  end(token: string): void {
    this.#endsAtMs.delete(hashOf(token));
  }
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');
