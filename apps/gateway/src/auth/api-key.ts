import { createHash, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { keptSecret } from '@allibrary/platform';

/** The key that opens the REST interface. */
export class ApiKey {
  readonly #digest: Buffer;

  constructor(text: string) {
    this.#digest = digestOf(text);
  }

  /** Compares in constant time. */
  matches(given: string): boolean {
    return timingSafeEqual(digestOf(given), this.#digest);
  }
}

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Reads the key that the data folder keeps, and makes one where there is none. */
export const keptApiKey = (dataDir: string): string => keptSecret(join(dataDir, 'api-key'), 'API key');
