// Real: everything, with real mounts; run as root, best in a mount namespace of its own (unshare -m).
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type CollectionStatus, type Download, ListCollections } from '@allibrary/contracts';
import { firstCollection } from '@allibrary/library';
import { Bus, serveSettings } from '@allibrary/messaging';
import { type TempFolder, TestSettings, eventually, freePort, startNats, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Seedbox } from './support/seedbox.ts';

const WATCHER = resolve(import.meta.dirname, '../apps/watcher/dist/main.js');
const FILES = 30;
const LIMITS = { timeoutMs: 40_000 };

let disk: TempFolder;
let node: Seedbox | undefined;
let mounts: string[] = [];

beforeEach(async () => {
  disk = await tempFolder();
  for (let n = 0; n < FILES; n++) writeFileSync(join(disk.path, `${n}.txt`), `document ${n}`);
});
afterEach(async () => {
  const isMounted = (path: string) => readFileSync('/proc/mounts', 'utf8').includes(` ${path} `);
  for (const path of mounts.toReversed()) {
    // A program that still has a file open must not keep the mount.
    if (isMounted(path)) execFileSync('umount', ['-l', path]);
  }
  mounts = [];
  await node?.stop();
  node = undefined;
  await disk.remove();
});

function mount(path: string, ...options: string[]): void {
  execFileSync('mount', [...options, path]);
  mounts.push(path);
}

const unmount = (path: string) => execFileSync('umount', ['-l', path]);

async function statusOf(seedbox: Seedbox): Promise<CollectionStatus> {
  const { items } = await seedbox.call<{ items: { status: CollectionStatus }[] }>('GET', 'collections');
  return items[0]?.status as CollectionStatus;
}

const stateIs = (seedbox: Seedbox, state: string) =>
  eventually(async () => (await statusOf(seedbox)).state === state, LIMITS);

async function hashedFiles(seedbox: Seedbox): Promise<number> {
  const { httpUrl } = (await seedbox.state()).programs['transfer'] ?? {};
  const text = await (await fetch(`${httpUrl}/metrics`)).text();
  return Number(/^allibrary_\w*files_total\{[^}]*result="hashed"[^}]*\} (\d+)/m.exec(text)?.[1]);
}

/** A node whose library is the disk, mounted there with these options, all of it shared. */
async function startOnDisk(...options: string[]): Promise<Seedbox> {
  const seedbox = await Seedbox.start();
  node = seedbox;
  mount(seedbox.library, '--bind', ...options, disk.path);
  await eventually(async () => (await seedbox.documents()).length === FILES, LIMITS);
  await stateIs(seedbox, 'watching');
  return seedbox;
}

test('a disk that is unmounted freezes the collection, and all goes on when it is mounted again, unread', async () => {
  const seedbox = await startOnDisk();
  expect(await hashedFiles(seedbox)).toBe(FILES);
  unmount(seedbox.library);
  await stateIs(seedbox, 'frozen');
  expect((await statusOf(seedbox)).evidence).toContain('the folder is another one');
  expect(await seedbox.documents()).toHaveLength(FILES);
  mount(seedbox.library, '--bind', disk.path);
  await stateIs(seedbox, 'watching');
  expect(await seedbox.documents()).toHaveLength(FILES);
  expect(await hashedFiles(seedbox)).toBe(FILES);
});

test('an empty disk that is mounted over the library freezes it, across a kill of the watcher', async () => {
  const seedbox = await startOnDisk();
  mount(seedbox.library, '-t', 'tmpfs', 'tmpfs');
  await stateIs(seedbox, 'frozen');
  await seedbox.kill('watcher');
  await stateIs(seedbox, 'frozen');
  expect(await seedbox.documents()).toHaveLength(FILES);
  unmount(seedbox.library);
  await stateIs(seedbox, 'watching');
  expect(await seedbox.documents()).toHaveLength(FILES);
});

test('a disk that is mounted under another device number is the same one', async () => {
  const image = join(disk.path, '..', `${Date.now()}.img`);
  const seedbox = await Seedbox.start();
  node = seedbox;
  try {
    execFileSync('mke2fs', ['-q', '-t', 'ext4', '-d', disk.path, image, '16M']);
    mount(seedbox.library, '-o', 'loop', image);
    await eventually(async () => (await seedbox.documents()).length === FILES, LIMITS);
    unmount(seedbox.library);
    await stateIs(seedbox, 'frozen');
    mount(seedbox.library, '-t', 'tmpfs', 'tmpfs'); // takes up a device number
    unmount(seedbox.library);
    mount(seedbox.library, '-o', 'loop', image);
    await stateIs(seedbox, 'watching');
    expect(await hashedFiles(seedbox)).toBe(FILES);
  } finally {
    rmSync(image, { force: true });
  }
});

test('a disk that is emptied freezes, and its documents go when somebody confirms it', async () => {
  const seedbox = await startOnDisk();
  for (let n = 0; n < FILES; n++) rmSync(join(disk.path, `${n}.txt`));
  await stateIs(seedbox, 'frozen');
  expect(await seedbox.documents()).toHaveLength(FILES);
  await seedbox.call('POST', 'collections/library/confirm-deletions');
  await eventually(async () => (await seedbox.documents()).length === 0, LIMITS);
  await stateIs(seedbox, 'watching');
});

test('a read-only disk is shared and watched like any other', async () => {
  const seedbox = await startOnDisk('-o', 'ro');
  await eventually(async () => (await statusOf(seedbox)).watchModeReason.includes('not tried'), LIMITS);
  expect(await statusOf(seedbox)).toMatchObject({ watchMode: 'events', evidence: null });
  writeFileSync(join(disk.path, 'late.txt'), 'written on the other side');
  await seedbox.documentOf('late.txt');
});

test('a watcher that may watch too few folders polls, reports why, and misses nothing', async () => {
  const nats = await startNats();
  for (let n = 0; n < 20; n++) mkdirSync(join(disk.path, `shelf ${n}`));
  // The limit is that of a user namespace of the watcher's own: nobody else is touched.
  const command = `echo 8 > /proc/sys/user/max_inotify_watches && exec "${process.execPath}" "${WATCHER}"`;
  const watcher = spawn('unshare', ['--user', '--map-root-user', 'sh', '-c', command], {
    stdio: 'ignore',
    env: {
      ...process.env,
      ALLIBRARY_NATS_URL: nats.url,
      ALLIBRARY_NATS_TOKEN: nats.token,
      ALLIBRARY_DATA: join(disk.path, '.data'),
      ALLIBRARY_LIBRARY: disk.path,
      ALLIBRARY_SETTLE_MS: '100',
      ALLIBRARY_POLL_MINUTES: '0.02',
      ALLIBRARY_HTTP_PORT: String(await freePort()),
    },
  });
  const bus = await Bus.connect({ servers: nats.url, token: nats.token, name: 'test' });
  const settings = new TestSettings();
  await settings.write('collections', { collections: [firstCollection(disk.path)] });
  await serveSettings(bus, settings); // ends with the bus
  try {
    const status = async () => (await bus.request(ListCollections, {})).items[0];
    const isLimited = async () => (await status())?.watchModeReason.includes('raise fs.inotify.max_user_watches');
    await eventually(isLimited, LIMITS); // before the first try the mode is polling as well
    expect((await status())?.watchMode).toBe('polling');
    writeFileSync(join(disk.path, 'shelf 19/late.txt'), 'late');
    renameSync(join(disk.path, '0.txt'), join(disk.path, 'shelf 18/moved.txt'));
    await eventually(async () => (await status())?.knownFiles === FILES + 1, LIMITS);
  } finally {
    await bus.close();
    const ended = once(watcher, 'exit');
    watcher.kill('SIGTERM');
    await ended;
    await nats.stop();
  }
});

test('a download waits for its disk while that is not mounted, writes nothing below the mount point, and goes on by itself', async () => {
  for (let n = 0; n < FILES; n++) rmSync(join(disk.path, `${n}.txt`)); // no file is missed
  const source = await Seedbox.start({
    fill: async (library) => writeFileSync(join(library, 'book.bin'), randomBytes(5_000_000)),
  });
  try {
    const book = await source.documentOf('book.bin');
    node = await Seedbox.start({
      bootstrap: [await source.address()],
      fill: async (library) => mount(library, '--bind', disk.path),
    });
    const { library } = node;
    await stateIs(node, 'watching');
    unmount(library);
    const { id } = await node.download(book.documentId);
    const waiting = await eventually(async () => {
      const download = await node?.call<Download>('GET', `downloads/${id}`);
      return download?.cause === 'collection' && download;
    }, LIMITS);
    expect(waiting.reason).toContain(`mount the disk of ${library}`);
    await node.restart();
    expect(readdirSync(library)).toEqual([]);
    mount(library, '--bind', disk.path);
    await node.completed(id);
    expect(readdirSync(disk.path)).toContain('book.bin');
  } finally {
    await source.stop();
  }
}, 200_000);

test('a disk can be unmounted soon after a document on it was served', async () => {
  node = await Seedbox.start({
    fill: async (library) => {
      mount(library, '-t', 'tmpfs', 'tmpfs');
      writeFileSync(join(library, 'book.bin'), randomBytes(5_000_000));
    },
  });
  const book = await node.documentOf('book.bin');
  const peer = await Seedbox.start({ bootstrap: [await node.address()] });
  try {
    const { id } = await peer.download(book.documentId);
    await peer.completed(id);
    const { library } = node;
    await eventually(() => spawnSync('umount', [library]).status === 0, LIMITS);
    await eventually(async () => (await node?.documents())?.[0]?.isAvailable === false, LIMITS);
  } finally {
    await peer.stop();
  }
}, 200_000);
