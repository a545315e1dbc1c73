import { execFile } from 'node:child_process';
import { existsSync, globSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unpackDebianPackages } from './debian-packages.ts';
import { isExecutable, onPath } from './executables.ts';
import { RELEASE, releaseArchive } from './nats-sources.ts';
import { projectRoot } from '../setup/options.ts';
import { verifiedDownload } from './verified-download.ts';

const run = promisify(execFile);

const CACHE = join(projectRoot, '.cache', 'nats-server');

/** Prints progress: a first start takes long. */
export type Progress = (line: string) => void;

/**
 * The path of a nats-server: on the PATH, else in the project's cache, else the pinned release, else Debian's package
 * unpacked without root. Throws with what to install when none of them is to be had.
 */
export async function findNatsServer(progress: Progress = () => {}): Promise<string> {
  const found = onPath('nats-server') ?? inCache();
  if (found) return found;
  const failures: string[] = [];
  for (const [name, obtain] of SOURCES) {
    progress(`nats-server: getting ${name} …`);
    try {
      return await obtain();
    } catch (error) {
      failures.push(`${name}: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  const remedy =
    'Install nats-server 2.9 or later (https://nats.io/download, or apt install nats-server), or give --nats-url';
  throw new Error(`No nats-server is to be had (${failures.join('; ')}). ${remedy}.`);
}

const SOURCES: readonly [string, () => Promise<string>][] = [
  [`release ${RELEASE.version}`, obtainRelease],
  ["Debian's package", obtainDebianPackage],
];

const inCache = (): string | undefined => globSync(join(CACHE, '*', 'nats-server')).find(isExecutable);

async function obtainRelease(): Promise<string> {
  const archive = releaseArchive(process.platform, process.arch);
  if (!archive) throw new Error(`there is none for ${process.platform} ${process.arch}`);
  const bytes = await verifiedDownload(archive.url, archive.sha256);
  return intoCache(RELEASE.version, async (folder) => {
    writeFileSync(join(folder, 'archive.tar.gz'), bytes);
    await run('tar', ['-xzf', 'archive.tar.gz', archive.member], { cwd: folder });
    return join(folder, archive.member);
  });
}

async function obtainDebianPackage(): Promise<string> {
  return intoCache('debian', async (folder) => {
    await unpackDebianPackages(['nats-server'], folder);
    const [server] = globSync(join(folder, 'usr/{bin,sbin}/nats-server'));
    if (!server) throw new Error('the package has no nats-server');
    return server;
  });
}

/** Gives what `obtain` leaves in a folder its place in the cache: complete, or not at all. */
async function intoCache(version: string, obtain: (folder: string) => Promise<string>): Promise<string> {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, '.getting-'));
  try {
    const obtained = await obtain(folder);
    const target = join(CACHE, version, 'nats-server');
    mkdirSync(join(CACHE, version), { recursive: true });
    if (!existsSync(target)) renameSync(obtained, target);
    return target;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
