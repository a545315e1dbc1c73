import { readFile } from 'node:fs/promises';

const FORM = /^\/key\/swarm\/psk\/1\.0\.0\/\s+\/base16\/\s+[0-9a-f]{64}\s*$/;

/** The key of a private network, from a file in the form that IPFS tools use for theirs too. */
export async function loadNetworkKey(file: string): Promise<Uint8Array> {
  const remedy = 'create one as described in docs/OPERATIONS.md, or unset ALLIBRARY_NETWORK_KEY_FILE';
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new Error(`the network's key ${file} can't be read: ${remedy}.`, { cause });
  });
  if (!FORM.test(text)) throw new Error(`${file} holds no network key: ${remedy}.`);
  return new TextEncoder().encode(text.trim());
}
