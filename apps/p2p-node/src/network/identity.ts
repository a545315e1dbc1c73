import { chmod, link, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { StartRefused, syncFolder } from '@allibrary/platform';
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys';
import type { PrivateKey } from '@libp2p/interface';

/** The identity file exists, but cannot be used. */
export class DamagedIdentity extends StartRefused {
  override readonly name = 'DamagedIdentity';
}

const OTHERS_MAY_READ = 0o077;
const PROBE = new TextEncoder().encode('identity check');

/** Loads the node's key, or creates one at the first start. A damaged file is never replaced: the operator decides. */
export async function loadIdentity(file: string): Promise<PrivateKey> {
  await removeUnfinished(file);
  const bytes = await read(file);
  return bytes ? parse(file, bytes) : create(file);
}

async function read(file: string): Promise<Uint8Array | undefined> {
  try {
    const { mode } = await stat(file);
    const bytes = await readFile(file);
    if (mode & OTHERS_MAY_READ) await chmod(file, 0o600); // a restored copy often has the permissions of the backup
    return bytes;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    const remedy = 'make it a file that the user of this node owns and can read, with mode 0600';
    throw new DamagedIdentity(`${file} cannot be read (${code}): ${remedy}.`, { cause });
  }
}

async function parse(file: string, bytes: Uint8Array): Promise<PrivateKey> {
  try {
    const key = privateKeyFromProtobuf(bytes);
    // The file holds the public half too. Where the halves differ, the node would have another name, or none that holds.
    if (!(await key.publicKey.verify(PROBE, await key.sign(PROBE)))) throw new Error('its halves do not match');
    return key;
  } catch (cause) {
    const what = bytes.length === 0 ? 'is empty' : 'is damaged';
    const remedy = 'restore it from a backup, or delete it: the node then becomes a new peer with another peer id';
    throw new DamagedIdentity(`${file} ${what}: ${remedy}.`, { cause });
  }
}

async function create(file: string): Promise<PrivateKey> {
  const key = await generateKeyPair('Ed25519');
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const unfinished = `${file}.${process.pid}.new`;
  await writeFile(unfinished, privateKeyToProtobuf(key), { mode: 0o600, flush: true });
  await link(unfinished, file); // complete or not at all, and never over another identity
  await rm(unfinished);
  syncFolder(dirname(file));
  return key;
}

/** Deletes what a kill during the first start has left. */
async function removeUnfinished(file: string): Promise<void> {
  const names = await readdir(dirname(file)).catch(() => []); // no folder, no files
  const left = names.filter((name) => name.startsWith(`${basename(file)}.`) && /\.(new|tmp)$/.test(name));
  await Promise.all(left.map((name) => rm(join(dirname(file), name), { force: true })));
}
