// Real: nats-server, the watcher as `npm start` runs it, chokidar, a folder; a service of the test's own hears the facts.
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SETTLE_MS, WatcherFixture } from './testing/watcher-fixture.ts';

/** inotify(7) keeps as many as this for a process and drops the rest. */
const NOTICES_QUEUED = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));

let node: WatcherFixture;
const inLibrary = (path: string) => node.inLibrary(path);
const startWatcher = (rescanMinutes = 60) => node.startWatcher({ rescanMinutes });
const expectFacts = (expected: string[]) => node.expectFacts(expected);

beforeEach(async () => {
  node = await WatcherFixture.start();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await node.stop();
});

test('what is there at the start, what comes, changes and goes', async () => {
  mkdirSync(inLibrary('shelf'));
  writeFileSync(inLibrary('shelf/old.txt'), 'old');
  node.makeOld('shelf/old.txt');
  await startWatcher();
  await expectFacts(['found shelf/old.txt']);
  writeFileSync(inLibrary('new.txt'), 'new');
  await expectFacts(['found shelf/old.txt', 'found new.txt']);
  writeFileSync(inLibrary('new.txt'), 'changed');
  await eventually(() => node.heard.some(({ path, sizeBytes }) => path === 'new.txt' && sizeBytes === 7));
  unlinkSync(inLibrary('shelf/old.txt'));
  await expectFacts(['found shelf/old.txt', 'found new.txt', 'found new.txt', 'lost shelf/old.txt']);
  expect(await node.metric('allibrary_known_files')).toBe(1);
});

test('a file whose notice is lost because there are too many at once is found, and later ones are noticed again', async () => {
  await startWatcher();
  await node.lookedAtAll();
  // The watcher is in this process: it reads nothing while the kernel's queue fills up.
  for (let n = 0; n < NOTICES_QUEUED; n++) {
    writeFileSync(inLibrary('noise'), '');
    unlinkSync(inLibrary('noise'));
  }
  writeFileSync(inLibrary('lost.txt'), 'its notice is dropped');
  await expectFacts(['found lost.txt']);
  await node.lookedAtAll();
  writeFileSync(inLibrary('noticed.txt'), 'after it');
  await expectFacts(['found lost.txt', 'found noticed.txt']);
});

test('a file that grows is said once, in its final size', async () => {
  await startWatcher();
  await node.lookedAtAll();
  const endMs = performance.now() + SETTLE_MS * 4;
  let sizeBytes = 0;
  await eventually(() => {
    appendFileSync(inLibrary('growing.bin'), 'x'.repeat(1_000));
    sizeBytes += 1_000;
    expect(node.heard).toEqual([]);
    return performance.now() > endMs;
  });
  await expectFacts(['found growing.bin']);
  await node.lookedAtAll();
  expect(node.heard).toMatchObject([{ path: 'growing.bin', sizeBytes }]);
});

test('files and folders that move, inside the library, into it and out of it', async () => {
  mkdirSync(join(node.temp.path, 'outside/deep'), { recursive: true });
  for (let n = 0; n < 15; n++) writeFileSync(join(node.temp.path, `outside/deep/${n}.txt`), 'x');
  writeFileSync(inLibrary('one.txt'), 'x');
  await startWatcher();
  await expectFacts(['found one.txt']);
  renameSync(inLibrary('one.txt'), inLibrary('two.txt'));
  renameSync(join(node.temp.path, 'outside'), inLibrary('inside'));
  const came = Array.from({ length: 15 }, (_, n) => `inside/deep/${n}.txt`);
  const soFar = ['found one.txt', 'lost one.txt', 'found two.txt', ...came.map((path) => `found ${path}`)];
  await expectFacts(soFar);
  renameSync(inLibrary('inside'), join(node.temp.path, 'outside'));
  await expectFacts([...soFar, ...came.map((path) => `lost ${path}`)]);
});

test('the only file that goes is lost, for the folder that held it is still there', async () => {
  writeFileSync(inLibrary('only.txt'), 'x');
  await startWatcher();
  await expectFacts(['found only.txt']);
  unlinkSync(inLibrary('only.txt'));
  await expectFacts(['found only.txt', 'lost only.txt']);
  expect(await node.readiness()).toEqual({ status: 200, library: null });
});

test('a restart finds what changed meanwhile, and says nothing of the rest', async () => {
  for (const name of ['same', 'changed', 'gone']) writeFileSync(inLibrary(`${name}.txt`), name);
  await startWatcher();
  await expectFacts(['found same.txt', 'found changed.txt', 'found gone.txt']);
  await node.stopWatcher();
  node.heard = [];
  writeFileSync(inLibrary('changed.txt'), 'other bytes');
  writeFileSync(inLibrary('new.txt'), 'new');
  unlinkSync(inLibrary('gone.txt'));
  await startWatcher();
  await node.lookedAtAll();
  await expectFacts(['found changed.txt', 'lost gone.txt', 'found new.txt']);
});

test('a read model that was deleted makes everything said again that transfer does not hold', async () => {
  writeFileSync(inLibrary('file.txt'), 'x');
  await startWatcher();
  await expectFacts(['found file.txt']);
  await node.stopWatcher();
  rmSync(join(node.temp.path, 'data/watcher'), { recursive: true });
  node.catalog.clear();
  await startWatcher();
  await expectFacts(['found file.txt', 'found file.txt']);
});

test('scans find what nobody reports', async () => {
  vi.stubEnv('CHOKIDAR_USEPOLLING', '1').stubEnv('CHOKIDAR_INTERVAL', '3600000'); // a watch that sleeps for an hour
  writeFileSync(inLibrary('gone.txt'), 'x');
  await startWatcher(0.01);
  await expectFacts(['found gone.txt']);
  writeFileSync(inLibrary('new.txt'), 'x');
  unlinkSync(inLibrary('gone.txt'));
  await expectFacts(['found gone.txt', 'found new.txt', 'lost gone.txt']);
  expect(await node.metric('allibrary_last_library_scan_timestamp_seconds')).toBeGreaterThan(1.7e9);
});

test("what can't be shared is counted, what its owner should change is logged by name, and all else is shared", async () => {
  mkdirSync(join(node.temp.path, 'outside'));
  writeFileSync(join(node.temp.path, 'outside/secret.txt'), 'secret');
  const disturb = (when: string) => {
    writeFileSync(inLibrary(`two\nlines ${when}.txt`), 'x');
    writeFileSync(Buffer.concat([Buffer.from(inLibrary(`bad ${when} `)), Buffer.from([0xff])]), 'x');
    symlinkSync(join(node.temp.path, 'outside'), inLibrary(`folder link ${when}`));
    symlinkSync(join(node.temp.path, 'outside/secret.txt'), inLibrary(`file link ${when}`));
    execFileSync('mkfifo', [inLibrary(`fifo ${when}`)]);
    mkdirSync(inLibrary(`.hidden ${when}`));
    writeFileSync(inLibrary(`.hidden ${when}/part`), 'x');
  };
  disturb('before');
  await startWatcher(0.01);
  await expectFacts(['found two\nlines before.txt']);
  disturb('after');
  await expectFacts(['found two\nlines before.txt', 'found two\nlines after.txt']);
  const skipped = (reason: string) => node.metric(`allibrary_skipped_files_total{reason="${reason}"`);
  await eventually(async () => (await skipped('invalid-name')) === 2);
  const scans = await node.metric('allibrary_library_scan_seconds_count');
  await eventually(async () => (await node.metric('allibrary_library_scan_seconds_count')) > scans + 1);
  expect(await Promise.all(['symlink', 'special', 'invalid-name'].map(skipped))).toEqual([4, 2, 2]);
  // Links and devices are there on purpose; the first name that needs a change is logged at once, others in a sum later.
  expect(node.warnings.filter((line) => line.includes('not shared'))).toHaveLength(1);
  expect(node.facts()).toHaveLength(2);
});

test('a file that a link takes the place of is lost', async () => {
  writeFileSync(inLibrary('file.txt'), 'x');
  await startWatcher();
  await expectFacts(['found file.txt']);
  unlinkSync(inLibrary('file.txt'));
  symlinkSync('/etc/hostname', inLibrary('file.txt'));
  await expectFacts(['found file.txt', 'lost file.txt']);
});

test.each(['missing', 'empty'] as const)(
  'a library that is %s loses nothing, and is taken up when it is back',
  async (how) => {
    for (const name of ['a', 'b']) writeFileSync(inLibrary(`${name}.txt`), name);
    await startWatcher(0.01);
    await expectFacts(['found a.txt', 'found b.txt']);
    renameSync(inLibrary(''), join(node.temp.path, 'unmounted'));
    if (how === 'empty') mkdirSync(inLibrary('.hidden'), { recursive: true });
    await eventually(() => node.warnings.some((line) => line.includes('Mount its disk')));
    await eventually(async () => (await node.metric('allibrary_waiting_files')) === 0);
    expect(await node.readiness()).toMatchObject({
      status: 503,
      library: expect.stringContaining(how === 'missing' ? how : 'vanished'),
    });
    rmSync(inLibrary(''), { recursive: true, force: true });
    renameSync(join(node.temp.path, 'unmounted'), inLibrary(''));
    await eventually(async () => (await node.readiness()).status === 200);
    writeFileSync(inLibrary('c.txt'), 'c');
    await expectFacts(['found a.txt', 'found b.txt', 'found c.txt']);
    expect(node.warnings.filter((line) => line.includes('Mount its disk'))).toHaveLength(1);
    expect(readdirSync(inLibrary('')).filter((name) => !name.startsWith('.'))).toHaveLength(3);
  },
);

test('a library behind a link is watched, and watched anew where the link leads later', async () => {
  const disks = ['one', 'two'].map((name) => join(node.temp.path, name));
  const link = (disk: string) => {
    rmSync(join(node.temp.path, 'library'), { recursive: true });
    symlinkSync(disk, join(node.temp.path, 'library'));
  };
  for (const disk of disks) mkdirSync(disk);
  link('one');
  await startWatcher();
  await node.lookedAtAll();
  writeFileSync(inLibrary('a.txt'), 'a');
  await expectFacts(['found a.txt']);
  link('two');
  unlinkSync(join(node.temp.path, 'one/a.txt'));
  await eventually(() => node.warnings.some((line) => line.includes('vanished')));
  expect(node.facts()).toEqual(['found a.txt']);
  writeFileSync(inLibrary('b.txt'), 'b');
  await eventually(() => node.facts().includes('found b.txt'));
  await node.lookedAtAll();
  writeFileSync(inLibrary('c.txt'), 'c');
  await eventually(() => node.facts().includes('found c.txt'));
});

test('a broker that is killed while files come misses none of them', async () => {
  await startWatcher();
  const names = Array.from({ length: 200 }, (_, n) => `${n}.txt`);
  for (const name of names.slice(0, 100)) writeFileSync(inLibrary(name), name);
  await eventually(() => node.heard.length > 0);
  const restarted = node.nats.restart();
  for (const name of names.slice(100)) writeFileSync(inLibrary(name), name);
  await restarted;
  await eventually(() => new Set(node.heard.map(({ path }) => path)).size === names.length, { timeoutMs: 30_000 });
  await eventually(async () => (await node.metric('allibrary_known_files')) === names.length);
  expect(new Set(node.facts())).toEqual(new Set(names.map((name) => `found ${name}`)));
});
