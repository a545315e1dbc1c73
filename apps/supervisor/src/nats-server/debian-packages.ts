import { execFile } from 'node:child_process';
import { globSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const APT_LIMIT_MS = 120_000;
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Unpacks Debian's packages into a folder without installing them, and without root. apt checks their signatures. They are
 * of the machine's own release, or of the named suite. Throws when this machine has no apt, or apt has no such package.
 */
export async function unpackDebianPackages(names: readonly string[], folder: string, suite?: string): Promise<void> {
  if (suite) await downloadFresh(names, folder, await otherSuite(suite, folder));
  else await download(names, folder, []).catch(() => downloadFresh(names, folder, []));
  const files = globSync(join(folder, '*.deb'));
  if (files.length < names.length) throw new Error(`apt gave ${files.length} packages of ${names.length}`);
  for (const file of files) await run('dpkg', ['-x', file, folder]);
}

/** Reads the lists first, into a state of apt's own: the user may not write the machine's, or it has none yet. */
async function downloadFresh(names: readonly string[], folder: string, options: readonly string[]): Promise<void> {
  const lists = join(folder, 'lists');
  mkdirSync(join(lists, 'partial'), { recursive: true });
  const own = ['-o', `Dir::State::Lists=${lists}`, '-o', 'APT::Sandbox::User=root', '-o', `Dir::Cache=${folder}`];
  await run('apt-get', ['update', '-qq', ...own, ...options], { timeout: APT_LIMIT_MS });
  await download(names, folder, [...own, ...options]);
}

async function download(names: readonly string[], folder: string, options: readonly string[]): Promise<void> {
  await run('apt-get', [...options, 'download', ...names], { cwd: folder, timeout: APT_LIMIT_MS });
}

/** Has apt look at another suite alone, as if nothing were installed. */
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

/** The mirror that this machine takes Debian from. */
export async function debianMirror(): Promise<string> {
  const { stdout } = await run('apt-get', ['indextargets', '--format', '$(SITE)', 'Created-By: Packages'], {
    timeout: APT_LIMIT_MS,
  });
  const sites = stdout.split('\n').filter((site) => /\/debian\/?$/.test(site));
  return sites[0] ?? 'http://deb.debian.org/debian';
}
