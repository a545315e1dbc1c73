import { execFile } from 'node:child_process';
import { globSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const APT_LIMIT_MS = 120_000;

/**
 * Unpacks Debian's packages into a folder without installing them, and without root. apt checks their signatures.
 * Throws when this machine has no apt, or apt has no such package.
 */
export async function unpackDebianPackages(names: readonly string[], folder: string): Promise<void> {
  await download(names, folder).catch(async () => {
    const own = ownAptState(folder);
    await run('apt-get', ['update', '-qq', ...own], { timeout: APT_LIMIT_MS });
    await download(names, folder, own);
  });
  const files = globSync(join(folder, '*.deb'));
  if (files.length < names.length) throw new Error(`apt gave ${files.length} packages of ${names.length}`);
  for (const file of files) await run('dpkg', ['-x', file, folder]);
}

async function download(names: readonly string[], folder: string, options: readonly string[] = []): Promise<void> {
  await run('apt-get', [...options, 'download', ...names], { cwd: folder, timeout: APT_LIMIT_MS });
}

/** Lists of apt's own, for a user who may not write the machine's, or a machine that has none yet. */
function ownAptState(folder: string): string[] {
  const lists = join(folder, 'lists');
  mkdirSync(join(lists, 'partial'), { recursive: true });
  return ['-o', `Dir::State::Lists=${lists}`, '-o', 'APT::Sandbox::User=root', '-o', `Dir::Cache=${folder}`];
}
