import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const MIN_LENGTH = 16;

/** What may be an API key: long enough not to be guessed, and fit for a header. */
export const ApiKeyText = z
  .string()
  .min(MIN_LENGTH, `must have at least ${MIN_LENGTH} characters`)
  .regex(/^[!-~]*$/, 'must hold printable ASCII characters without spaces');

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
export function keptApiKey(dataDir: string): string {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = join(dataDir, 'api-key');
  return readKey(file) ?? makeKey(file);
}

function readKey(file: string): string | undefined {
  const text = readIfThere(file)?.trim();
  if (text === undefined) return undefined;
  const key = ApiKeyText.safeParse(text);
  if (!key.success) throw new Error(`${file} holds no API key; delete it, and the next start makes a new one`);
  chmodSync(file, 0o600);
  return key.data;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Links a finished file into place, which fails where another replica was first: then its key is ours too. */
function makeKey(file: string): string {
  const key = randomBytes(32).toString('base64url');
  const unfinished = `${file}.${randomBytes(6).toString('hex')}`;
  writeDurably(unfinished, `${key}\n`);
  try {
    linkSync(unfinished, file);
    return key;
  } catch (error) {
    const others = readKey(file);
    if (others === undefined) throw error;
    return others;
  } finally {
    rmSync(unfinished, { force: true });
  }
}

function writeDurably(file: string, text: string): void {
  const descriptor = openSync(file, 'wx', 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
