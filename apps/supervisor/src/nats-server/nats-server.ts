import { execFile } from 'node:child_process';
import { existsSync, globSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { unpackDebianPackages } from './debian-packages.ts';
import { isExecutable, onPath } from './executables.ts';
import { RELEASE, releaseArchive } from './nats-sources.ts';
import { firstWritable, inScratchFolder, projectCache } from './program-cache.ts';
import { verifiedDownload } from './verified-download.ts';

const run = promisify(execFile);

/** Prints progress: a first start takes long. */
export type Progress = (line: string) => void;

/**
 * The path of a nats-server: on the PATH, else in one of the caches, else the pinned release, else Debian's package unpacked
 * without root. What is obtained goes into the first cache that can be written. Throws with what to install when none of
 * them can be obtained.
 */
export async function findNatsServer(
  progress: Progress = () => {},
  caches: readonly [string, ...string[]] = [projectCache('nats-server')],
): Promise<string> {
  const found = onPath('nats-server') ?? caches.map(inCache).find((path) => path !== undefined);
  if (found) return found;
  const cache = firstWritable(caches);
  const failures: string[] = [];
  for (const [name, obtain] of SOURCES) {
    progress(`nats-server: getting ${name} …`);
    try {
      return await obtain(cache);
    } catch (error) {
      failures.push(`${name}: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  const remedy =
    'Install nats-server 2.9 or later (https://nats.io/download, or apt install nats-server), or give --nats-url';
  throw new Error(`nats-server is missing, and could not be obtained (${failures.join('; ')}). ${remedy}.`);
}

const SOURCES: readonly [string, (cache: string) => Promise<string>][] = [
  [`release ${RELEASE.version}`, obtainRelease],
  ["Debian's package", obtainDebianPackage],
];

const inCache = (cache: string): string | undefined => globSync(join(cache, '*', 'nats-server')).find(isExecutable);

async function obtainRelease(cache: string): Promise<string> {
  const archive = releaseArchive(process.platform, process.arch);
  if (!archive) throw new Error(`there is none for ${process.platform} ${process.arch}`);
  const bytes = await verifiedDownload(archive.url, archive.sha256);
  return intoCache(join(cache, RELEASE.version), async (folder) => {
    writeFileSync(join(folder, 'archive.tar.gz'), bytes);
    await run('tar', ['-xzf', 'archive.tar.gz', archive.member], { cwd: folder });
    return join(folder, archive.member);
  });
}

async function obtainDebianPackage(cache: string): Promise<string> {
  return intoCache(join(cache, 'debian'), async (folder) => {
    await unpackDebianPackages(['nats-server'], folder);
    const [server] = globSync(join(folder, 'usr/{bin,sbin}/nats-server'));
    if (!server) throw new Error('the package has no nats-server');
    return server;
  });
}

/** Moves the program that `obtain` leaves in a folder to its place in the cache. */
function intoCache(place: string, obtain: (folder: string) => Promise<string>): Promise<string> {
  return inScratchFolder(dirname(place), async (folder) => {
    const obtained = await obtain(folder);
    const target = join(place, 'nats-server');
    mkdirSync(place, { recursive: true });
    if (!existsSync(target)) renameSync(obtained, target);
    return target;
  });
}
