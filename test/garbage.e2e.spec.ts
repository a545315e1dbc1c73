// Real: everything, one whole node. While it stands still, garbage is written to its files, one after the other.
import { createHash, randomInt } from 'node:crypto';
import { cp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { eventually } from '@allibrary/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Seedbox } from './support/seedbox.ts';

const SEED = Number(process.env['ALLIBRARY_TEST_SEED'] ?? randomInt(1_000_000));
/** Every file in its turn takes some minutes: that is for releases. */
const IS_COMPLETE = process.env['ALLIBRARY_EVERY_FILE'] === 'true';
const STORES = [
  'transfer/desired-state.sqlite',
  'transfer/settings.json',
  'transfer/transfer.sqlite',
  'indexer/index.db',
  'watcher/watcher.sqlite',
  'p2p-node/direct/announcements.sqlite',
  'p2p-node/direct/peers.sqlite',
];
const OTHERS = 3;
const TIMEOUT = { timeoutMs: 60_000 };
/** What nobody else can know: the node refuses to start, and names the file. */
const OWNERS_SECRETS = ['p2p-node/identity.key', 'api-key'];
/** Rewritten at each start before anything reads it. */
const PASSING = /^(run|logs)\//;

let node: Seedbox;
let files: string[];

beforeAll(async () => {
  console.log(`ALLIBRARY_TEST_SEED=${SEED}`);
  node = await Seedbox.start({
    fill: async (library) => {
      for (let at = 0; at < 20; at++)
        await writeFile(join(library, `bird-${at}.txt`), `heron number${at}e of the lake`);
    },
  });
  await node.call('PUT', 'settings/limits', { activeDownloads: 7 });
  await isWhole();
  files = await filesOf(node.data);
}, 120_000);
afterAll(() => node.stop());

async function isWhole(): Promise<void> {
  await eventually(async () => expect(await node.documents()).toHaveLength(20), TIMEOUT);
  await eventually(async () => expect((await node.search('number7e', 'local')).results).toHaveLength(1), TIMEOUT);
  await eventually(async () => expect((await node.search('heron', 'local')).results.length).toBe(20), TIMEOUT);
  expect(await node.call('GET', 'settings/limits')).toMatchObject({ value: { activeDownloads: 7 } });
}

async function filesOf(data: string): Promise<string[]> {
  const entries = await readdir(data, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(data, join(entry.parentPath, entry.name)));
  return paths.filter((path) => !PASSING.test(path)).toSorted();
}

/** The stores that matter most, and some files of the rest as the seed decides. */
function sample(paths: readonly string[]): string[] {
  if (IS_COMPLETE) return [...paths];
  const others = paths.filter((path) => !STORES.includes(path));
  const drawn = others.toSorted((one, other) => (hashOf(one) < hashOf(other) ? -1 : 1)).slice(0, OTHERS);
  return [...STORES, ...drawn];
}

const hashOf = (text: string): string => createHash('sha256').update(`${SEED} ${text}`).digest('hex');

/** Bytes of the seed, as many as the file had and at least a page. */
async function spoil(file: string): Promise<void> {
  const { size } = await stat(file);
  const garbage = Buffer.alloc(Math.max(size, 4_096));
  for (let at = 0; at < garbage.length; at += 32) {
    createHash('sha256').update(`${SEED} ${file} ${at}`).digest().copy(garbage, at);
  }
  await writeFile(file, garbage);
}

test('with garbage in any file but the secrets of its owner the node starts, whole', async () => {
  const spoilable = sample(files.filter((path) => !OWNERS_SECRETS.includes(path)));
  expect(files).toEqual(expect.arrayContaining(STORES));
  for (const path of spoilable) {
    console.log(`garbage in ${path}`);
    await node.restart({
      meanwhile: async (data) => {
        // The bus gives some of its files new names at each start.
        if (await stat(join(data, path)).catch(() => undefined)) await spoil(join(data, path));
      },
    });
    await isWhole();
  }
}, 1_800_000);

test.each(OWNERS_SECRETS)('garbage in %s is refused by name, and nothing is replaced', async (path) => {
  const file = join(node.data, path);
  const backup = `${node.data}.backup`;
  await cp(file, backup);
  const refused = node.restart({ meanwhile: () => spoil(file) });
  await expect(refused).rejects.toThrow(file);
  await cp(backup, file);
  await rm(backup);
  await node.restart();
  await isWhole();
});
