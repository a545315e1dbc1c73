import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys';
import type { PrivateKey } from '@libp2p/interface';

/** The identity file is there, but is none. */
export class DamagedIdentity extends Error {
  override readonly name = 'DamagedIdentity';
}

/** Loads the node's key, or makes one at the first start; a damaged file is never replaced by itself. */
export async function loadIdentity(file: string): Promise<PrivateKey> {
  const bytes = await readFile(file).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  return bytes ? readIdentity(file, bytes) : createIdentity(file);
}

function readIdentity(file: string, bytes: Uint8Array): PrivateKey {
  try {
    return privateKeyFromProtobuf(bytes);
  } catch (cause) {
    const remedy = 'put back a copy of it, or delete it: the node then gets a new peer id';
    throw new DamagedIdentity(`${file} is no private key: ${remedy}.`, { cause });
  }
}

async function createIdentity(file: string): Promise<PrivateKey> {
  const key = await generateKeyPair('Ed25519');
  const temporary = `${file}.${process.pid}.tmp`;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(temporary, privateKeyToProtobuf(key), { mode: 0o600, flush: true });
  await link(temporary, file); // complete or not at all, and never over another identity
  await rm(temporary);
  return key;
}
