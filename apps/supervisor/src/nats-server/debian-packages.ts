import { execFile } from 'node:child_process';
import { globSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const APT_LIMIT_MS = 120_000;
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Unpacks Debian packages into a folder without installing them, and without root. apt checks their signatures. They come
 * from the machine's own release, or from the given suite. Throws when this machine has no apt, or apt has no such package.
 */
export async function unpackDebianPackages(names: readonly string[], folder: string, suite?: string): Promise<void> {
  if (suite) await download(names, folder, await withFreshLists(folder, await otherSuite(suite, folder)));
  else await withOwnListsIfNeeded(folder, (options) => download(names, folder, options));
  await unpackAll(folder, names.length);
}

/** Unpacks packages together with the dependencies that this machine lacks. */
export async function unpackWithDependencies(names: readonly string[], folder: string): Promise<void> {
  const count = await withOwnListsIfNeeded(folder, async (options) => {
    const all = await withDependencies(names, options);
    await download(all, folder, options);
    return all.length;
  });
  await unpackAll(folder, count);
}

async function withDependencies(names: readonly string[], options: readonly string[]): Promise<string[]> {
  const simulation = ['--simulate', '--no-install-recommends', 'install', ...names];
  const { stdout } = await run('apt-get', [...options, ...simulation], { timeout: APT_LIMIT_MS });
  return [...stdout.matchAll(/^Inst (\S+)/gmu)].map(([, name]) => name ?? '');
}

async function unpackAll(folder: string, count: number): Promise<void> {
  const files = globSync(join(folder, '*.deb'));
  if (files.length < count) throw new Error(`apt gave ${files.length} packages of ${count}`);
  for (const file of files) await run('dpkg', ['-x', file, folder]);
}

/** Tries the machine's package lists first, then fresh ones: a new machine has none. */
const withOwnListsIfNeeded = <T>(folder: string, work: (options: readonly string[]) => Promise<T>): Promise<T> =>
  work([]).catch(async () => work(await withFreshLists(folder, [])));

/** Downloads the lists into this folder: the user may not write to the machine's. Returns the options with which apt uses them. */
async function withFreshLists(folder: string, options: readonly string[]): Promise<string[]> {
  const lists = join(folder, 'lists');
  mkdirSync(join(lists, 'partial'), { recursive: true });
  const own = ['-o', `Dir::State::Lists=${lists}`, '-o', 'APT::Sandbox::User=root', '-o', `Dir::Cache=${folder}`];
  await run('apt-get', ['update', '-qq', ...own, ...options], { timeout: APT_LIMIT_MS });
  return [...own, ...options];
}

async function download(names: readonly string[], folder: string, options: readonly string[]): Promise<void> {
  await run('apt-get', [...options, 'download', ...names], { cwd: folder, timeout: APT_LIMIT_MS });
}

/** Returns the options with which apt sees only another suite, as if nothing were installed. */
async function otherSuite(suite: string, folder: string): Promise<string[]> {
  const [sources, status] = [join(folder, 'sources.list'), join(folder, 'status')];
  writeFileSync(sources, `deb [signed-by=${KEYRING}] ${await debianMirror()} ${suite} main\n`);
  writeFileSync(status, '');
  return [
    '-o',
    `Dir::Etc::SourceList=${sources}`,
    '-o',
    'Dir::Etc::SourceParts=-',
    '-o',
    `Dir::State::Status=${status}`,
  ];
}

/** The Debian mirror of this machine. */
export async function debianMirror(): Promise<string> {
  const { stdout } = await run('apt-get', ['indextargets', '--format', '$(SITE)', 'Created-By: Packages'], {
    timeout: APT_LIMIT_MS,
  });
  const sites = stdout.split('\n').filter((site) => /\/debian\/?$/.test(site));
  return sites[0] ?? 'http://deb.debian.org/debian';
}
