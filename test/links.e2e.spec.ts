// Real: two built nodes, and a process that swaps folders of the library for links as fast as it can.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { CollectionStatus } from '@allibrary/contracts';
import { type TempFolder, eventually, tempFolder } from '@allibrary/testing';
import { afterEach, expect, test } from 'vitest';
import { Seedbox } from './support/seedbox.ts';

/** How long folders are swapped; longer runs find rarer races. */
const SWAP_MS = Number(process.env['ALLIBRARY_TEST_SWAP_SECONDS'] ?? 12) * 1_000;
const FILES = 40;
const LIMITS = { timeoutMs: 60_000 };
/** What the outside files are called and hold; no file of the library does. */
const SECRET = 'zanzibar';

let outside: TempFolder;
let swapper: ChildProcess | undefined;
let nodes: Seedbox[] = [];

afterEach(async () => {
  swapper?.kill('SIGKILL');
  await Promise.all(nodes.map((node) => node.stop()));
  nodes = [];
  await outside.remove();
});

/** Swaps each folder for a link to the outside and back, and prints the number of swaps when it is ended. */
const SWAP = `
  const { lstatSync, renameSync, symlinkSync, unlinkSync, utimesSync } = require('node:fs');
  const [outside, ...folders] = process.argv.slice(1);
  let swaps = 0;
  process.on('SIGTERM', () => { console.log(swaps); process.exit(); });
  const swap = () => {
    for (let round = 0; round < 20; round++) for (const folder of folders) {
      renameSync(folder, folder + '.aside~');
      try { symlinkSync(outside, folder); } catch {} // the node has just recreated its own folder
      const now = new Date();
      try { utimesSync(folder + '/1.txt', now, now); } catch {} // a change in the outside folder, seen through the link
      if (lstatSync(folder).isSymbolicLink()) unlinkSync(folder);
      while (true) {
        try { renameSync(folder + '.aside~', folder); break; } catch { renameSync(folder, folder + '.made~' + swaps++); }
      }
      swaps += 1;
    }
    setImmediate(swap);
  };
  swap();
`;

/** Swaps for a while, during which files keep changing; returns the number of swaps. */
async function swapWhileFilesChange(library: string, folders: readonly string[]): Promise<number> {
  const process_ = spawn(
    process.execPath,
    ['-e', SWAP, outside.path, ...folders.map((folder) => join(library, folder))],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  swapper = process_;
  const printed = once(process_.stdout, 'data');
  const endsAt = performance.now() + SWAP_MS;
  for (let round = 0; performance.now() < endsAt; round++) {
    for (const folder of folders.filter((name) => !name.startsWith('.'))) {
      try {
        writeFileSync(join(library, `${folder}.aside~`, `${round % FILES}.txt`), `okapi ${round} ${folder}`);
      } catch {
        // the folder is under its own name at this moment
      }
    }
    await delay(20);
  }
  process_.kill('SIGTERM');
  return Number(String(await printed));
}

/** Files were seen under names that are gone by now. If these are more than a fifth, the collection is frozen. */
async function confirmDeletions(seedbox: Seedbox): Promise<void> {
  const state = async () => {
    const { items } = await seedbox.call<{ items: { status: CollectionStatus }[] }>('GET', 'collections');
    return items[0]?.status.state;
  };
  if ((await state()) !== 'frozen') return;
  await seedbox.call('POST', 'collections/library/confirm-deletions', {});
  await eventually(async () => (await state()) === 'watching', LIMITS);
}

test('folders that are swapped for links let no name and no byte of an outside file into catalog, index or to a peer', async () => {
  outside = await tempFolder();
  mkdirSync(join(outside.path, 'partial'));
  // The names and sizes are those of files in the library, so that they can be taken for them.
  for (let n = 0; n < FILES; n++) writeFileSync(join(outside.path, `${n}.txt`), `${SECRET} ${n}`.padEnd(64, '.'));
  writeFileSync(join(outside.path, `${SECRET}.txt`), SECRET);
  const folders = ['one', 'two', 'two/deep', '.allibrary'];
  const node = await Seedbox.start({
    fill: async (library) => {
      for (const folder of folders) mkdirSync(join(library, folder), { recursive: true });
      for (const folder of ['one', 'two', 'two/deep'])
        for (let n = 0; n < FILES; n++)
          writeFileSync(join(library, folder, `${n}.txt`), `okapi ${folder} ${n}`.padEnd(64, '.'));
    },
  });
  nodes.push(node);
  const peer = await Seedbox.start({
    bootstrap: [await node.address()],
    fill: async (library) => writeFileSync(join(library, 'gift.bin'), randomBytes(8_000_000)),
  });
  nodes.push(peer);
  const gift = await peer.documentOf('gift.bin');
  const before = readdirSync(outside.path);
  const swapping = swapWhileFilesChange(node.library, ['one', 'two/deep', '.allibrary']);
  const download = await node.download(gift.documentId);
  const swaps = await swapping;
  expect(swaps).toBeGreaterThan(1_000);
  writeFileSync(join(node.library, 'last.txt'), 'okapi at the end');
  await eventually(async () => (await node.search('okapi end', 'local')).results.length > 0, LIMITS);
  await confirmDeletions(node);
  await eventually(async () => (await peer.search('okapi end', 'network')).results.length > 0, LIMITS);
  await node.completed(download.id);
  expect((await node.search(SECRET, 'local')).results).toEqual([]);
  expect((await peer.search(SECRET, 'network')).results).toEqual([]);
  expect((await node.documents()).filter(({ name }) => name.includes(SECRET))).toEqual([]);
  expect(readdirSync(outside.path)).toEqual(before);
  expect(readdirSync(join(outside.path, 'partial'))).toEqual([]);
}, 240_000);
