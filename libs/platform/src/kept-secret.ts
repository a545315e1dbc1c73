import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { StartRefused } from './config.ts';
import { syncFolder, writeDurably } from './durable-file.ts';
import { makeFolder } from './make-folder.ts';

const MIN_LENGTH = 16;

/** The text of a secret: long enough not to be guessed, and fit for a header, a URL and a line of a file. */
export const SecretText = z
  .string('must be set')
  .min(MIN_LENGTH, `must have at least ${MIN_LENGTH} characters`)
  .regex(/^[!-~]*$/, 'must hold printable ASCII characters without spaces');

/**
 * Reads the secret that a file keeps, and creates it where there is no file. A file that is empty, short or damaged is
 * an error: something may depend on its former content, so only its owner can decide to delete it.
 */
export function keptSecret(file: string, name: string): string {
  makeFolder(dirname(file), 0o700);
  return readSecret(file, name) ?? createSecret(file, name);
}

function readSecret(file: string, name: string): string | undefined {
  const text = readIfThere(file)?.trim();
  if (text === undefined) return undefined;
  const secret = SecretText.safeParse(text);
  if (!secret.success) {
    throw new StartRefused(`${file} holds no ${name}: restore it, or delete it and the next start creates a new one.`);
  }
  chmodSync(file, 0o600);
  return secret.data;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Links a finished file into place. That fails where another replica was first: then its secret is ours too. */
function createSecret(file: string, name: string): string {
  const secret = randomBytes(32).toString('base64url');
  const unfinished = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    writeDurably(unfinished, `${secret}\n`, 0o600);
    linkSync(unfinished, file);
    syncFolder(dirname(file));
    return secret;
  } catch (error) {
    const others = readSecret(file, name);
    if (others === undefined) throw error;
    return others;
  } finally {
    rmSync(unfinished, { force: true });
  }
}
