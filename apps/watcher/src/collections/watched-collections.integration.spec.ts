// Real: nats-server, its settings, the watcher as `npm start` runs it, chokidar, folders; transfer's part of the trial is
// played by the fixture, which really writes.
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { ConfirmDeletions, ExplainFile, type FileReport, ScanCollection } from '@allibrary/contracts';
import { eventually } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WatcherFixture } from '../testing/watcher-fixture.ts';

let node: WatcherFixture;

beforeEach(async () => {
  node = await WatcherFixture.start();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await node.stop();
});

const names = (count: number, prefix = '') => Array.from({ length: count }, (_, n) => `${prefix}${n}.txt`);
const found = (paths: readonly string[]) => paths.map((path) => `found ${path}`);
const lost = (paths: readonly string[]) => paths.map((path) => `lost ${path}`);
const stateIs = (state: string) => eventually(async () => (await node.status()).state === state);

function write(paths: readonly string[], folder = node.inLibrary('')): void {
  mkdirSync(folder, { recursive: true });
  for (const path of paths) writeFileSync(`${folder}/${path}`, path);
}

const collection = (id: string, ignore: string[] = []) => ({ id, name: id, folder: node.inTemp(id), ignore });

test('collections come and go while the watcher runs', async () => {
  write(['own.txt']);
  await node.startWatcher();
  await node.expectFacts(['found own.txt']);
  write(['map.png'], node.inTemp('maps'));
  write(['heron.txt'], node.inTemp('birds'));
  await node.choose({ collections: [collection('maps'), collection('birds')] });
  await node.expectFacts(['found map.png'], 'maps');
  await node.expectFacts(['found heron.txt'], 'birds');
  await node.expectFacts(['found own.txt', 'lost own.txt']);
  await node.choose({ collections: [collection('birds')] });
  await node.expectFacts(['found map.png', 'lost map.png'], 'maps');
  write(['egret.txt'], node.inTemp('birds'));
  await node.expectFacts(['found heron.txt', 'found egret.txt'], 'birds');
  expect(node.facts()).toEqual(['found own.txt', 'lost own.txt']);
});

test('patterns take effect at once, however many files they leave out', async () => {
  const files = names(40);
  write([...files, 'book.pdf'], node.inTemp('birds'));
  await node.choose({ collections: [collection('birds')] });
  await node.startWatcher();
  await node.expectFacts(found([...files, 'book.pdf']), 'birds');
  await node.choose({ collections: [collection('birds', ['*.txt'])] });
  await node.expectFacts([...found([...files, 'book.pdf']), ...lost(files)], 'birds');
  node.heard = [];
  await node.choose({ collections: [collection('birds')] });
  await node.expectFacts(found(files), 'birds');
  expect((await node.status('birds')).state).toBe('watching');
});

test('a folder that is emptied freezes, across a restart too, until the files are back', async () => {
  const files = names(30);
  write(files);
  await node.startWatcher();
  await node.expectFacts(found(files));
  renameSync(node.inLibrary(''), node.inTemp('away'));
  mkdirSync(node.inLibrary(''));
  await stateIs('frozen');
  expect(await node.status()).toMatchObject({ evidence: expect.stringContaining('30 of 30'), knownFiles: 30 });
  expect(await node.metric('allibrary_collections{state="frozen"')).toBe(1);
  expect((await node.readiness()).library).toContain('frozen');
  await node.stopWatcher();
  await node.startWatcher();
  await stateIs('frozen');
  rmSync(node.inLibrary(''), { recursive: true });
  renameSync(node.inTemp('away'), node.inLibrary(''));
  await stateIs('watching');
  expect(node.facts()).toEqual(expect.arrayContaining(found(files)));
  expect(node.facts()).toHaveLength(30);
});

test('a mass deletion that is reported file by file freezes as well, and is published when it is confirmed', async () => {
  const files = names(60);
  write([...files, 'stays.txt']);
  await node.startWatcher();
  await node.expectFacts(found([...files, 'stays.txt']));
  await expect(node.bus.request(ConfirmDeletions, { id: 'library' })).rejects.toMatchObject({ code: 'conflict' });
  for (const path of files) rmSync(node.inLibrary(path));
  await stateIs('frozen');
  await node.lookedAtAll();
  expect(node.facts().filter((fact) => fact.startsWith('lost'))).toEqual([]);
  await node.bus.request(ConfirmDeletions, { id: 'library' });
  await eventually(() => node.facts().filter((fact) => fact.startsWith('lost')).length === 60);
  await stateIs('watching');
});

test('a confirmation holds for what was missing although the clock was set back since', async () => {
  const files = names(60);
  write([...files, 'stays.txt']);
  await node.startWatcher();
  await node.expectFacts(found([...files, 'stays.txt']));
  for (const path of files) rmSync(node.inLibrary(path));
  await stateIs('frozen');
  const now = Date.now.bind(Date);
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() - 7_200_000);
  await node.bus.request(ConfirmDeletions, { id: 'library' });
  await eventually(() => node.facts().filter((fact) => fact.startsWith('lost')).length === 60);
  await stateIs('watching');
  clock.mockRestore();
});

test('a collection goes on by itself when enough of the files return, and then says what is really gone', async () => {
  const files = names(30);
  write(files, node.inLibrary('shelf'));
  await node.startWatcher();
  const shelved = files.map((path) => `shelf/${path}`);
  await node.expectFacts(found(shelved));
  renameSync(node.inLibrary('shelf'), node.inTemp('away'));
  await stateIs('frozen');
  rmSync(`${node.inTemp('away')}/0.txt`);
  renameSync(node.inTemp('away'), node.inLibrary('shelf'));
  await stateIs('watching');
  await node.expectFacts([...found(shelved), 'lost shelf/0.txt']);
  expect((await node.status()).knownFiles).toBe(29);
});

test('of a folder that was renamed each file is found before it is lost, and nothing freezes', async () => {
  const files = names(50);
  write(files, node.inLibrary('old'));
  await node.startWatcher();
  await node.expectFacts(found(files.map((path) => `old/${path}`)));
  node.heard = [];
  renameSync(node.inLibrary('old'), node.inLibrary('new'));
  const came = found(files.map((path) => `new/${path}`));
  await node.expectFacts([...came, ...lost(files.map((path) => `old/${path}`))]);
  expect(node.facts().slice(0, 50).toSorted()).toEqual(came.toSorted());
  expect(node.warnings.filter((line) => line.includes('frozen'))).toEqual([]);
});

test.each([
  ['writes', 'events', 'a trial change was reported'],
  ['refuses', 'events', 'nothing could be written'],
] as const)('when the trial %s, the mode is %s', async (probing, watchMode, reason) => {
  node.probing = probing;
  await node.startWatcher();
  await eventually(async () => (await node.status()).watchModeReason.includes(reason), { timeoutMs: 30_000 });
  expect(await node.status()).toMatchObject({ watchMode });
  expect(await node.metric(`allibrary_watched_collections{mode="${watchMode}"`)).toBe(1);
});

test('where the trial change is not reported, the folder is polled', async () => {
  vi.stubEnv('CHOKIDAR_USEPOLLING', '1').stubEnv('CHOKIDAR_INTERVAL', '3600000'); // a watch that sleeps for an hour
  await node.startWatcher({ pollMinutes: 0.01 });
  const isTried = async () => (await node.status()).watchModeReason.includes('were not reported');
  await eventually(isTried, { timeoutMs: 40_000 });
  expect((await node.status()).watchMode).toBe('polling');
  write(['late.txt']);
  await node.expectFacts(['found late.txt']);
});

test('a scan of a collection, or of a folder in it, can be asked for', async () => {
  vi.stubEnv('CHOKIDAR_USEPOLLING', '1').stubEnv('CHOKIDAR_INTERVAL', '3600000');
  await node.startWatcher();
  await stateIs('watching');
  write(['a.txt'], node.inLibrary('shelf'));
  await node.bus.request(ScanCollection, { id: 'library', folder: 'shelf' });
  await node.expectFacts(['found shelf/a.txt']);
  write(['b.txt']);
  await node.bus.request(ScanCollection, { id: 'library' });
  await node.expectFacts(['found shelf/a.txt', 'found b.txt']);
  await expect(node.bus.request(ScanCollection, { id: 'none' })).rejects.toMatchObject({ code: 'not-found' });
});

test('why a file is not shared can be asked', async () => {
  await node.choose({ collections: [{ ...collection('birds', ['*.tmp', 'drafts/']), writable: false }] });
  write(['heron.txt', 'x.tmp', '.hidden'], node.inTemp('birds'));
  write(['a.txt'], node.inTemp('birds/drafts'));
  symlinkSync('/etc/hostname', node.inTemp('birds/link'));
  execFileSync('mkfifo', [node.inTemp('birds/fifo')]);
  await node.startWatcher();
  await node.expectFacts(['found heron.txt'], 'birds');
  const explain = async (path: string): Promise<FileReport> =>
    node.bus.request(ExplainFile, { collection: 'birds', path });
  expect(await explain('heron.txt')).toMatchObject({ state: 'hashing' });
  for (const [path, reason] of [
    ['x.tmp', '"*.tmp"'],
    ['drafts/a.txt', '"drafts/"'],
    ['.hidden', 'hidden'],
    ['link', 'link'],
    ['fifo', 'FIFO'],
    ['drafts/../../secret', 'leads out'],
  ] as const) {
    expect(await explain(path)).toMatchObject({ state: 'not-shared', reason: expect.stringContaining(reason) });
  }
  expect(await explain('none.txt')).toMatchObject({ state: 'missing' });
  renameSync(node.inTemp('birds'), node.inTemp('away'));
  expect(await explain('heron.txt')).toMatchObject({ state: 'frozen', reason: expect.stringContaining('missing') });
});

test('a burst goes on as fast as transfer takes it in, and all of it comes', async () => {
  const files = names(2_000);
  write(files);
  await node.startWatcher();
  await eventually(async () => (await node.status()).knownFiles === 2_000, { timeoutMs: 30_000 });
  await eventually(() => new Set(node.facts()).size === 2_000, { timeoutMs: 30_000 });
  expect(node.facts()).toHaveLength(2_000);
});

test('whatever lies in a folder, what can be shared is shared, and the rest has its reason', async () => {
  const longest = `${'é'.repeat(125)}1.txt`;
  write([longest, ' ', '\\', 'new\nline', '*.txt', '$~a.docx', '#1', '\u{1F4DA}.txt', '~$lock.docx']);
  truncateSync(node.inLibrary(longest), 2 ** 33); // sparse: 8 GiB that take no room
  symlinkSync('loop', node.inLibrary('loop'));
  symlinkSync('.', node.inLibrary('itself'));
  mkdirSync(node.inLibrary('shelf/empty'), { recursive: true });
  const socket = createServer().listen(node.inLibrary('socket'));
  await once(socket, 'listening');
  try {
    await node.startWatcher();
    await node.expectFacts(found([longest, ' ', '\\', 'new\nline', '*.txt', '$~a.docx', '#1', '\u{1F4DA}.txt']));
    expect(node.heard.find(({ path }) => path === longest)?.sizeBytes).toBe(2 ** 33);
    for (const [path, reason] of [
      ['~$lock.docx', '"~$*"'],
      ['loop', 'link'],
      ['itself', 'link'],
      ['itself/new\nline', 'link'],
      ['socket', 'socket'],
      ['shelf/empty', 'folder'],
    ] as const) {
      const report = await node.bus.request(ExplainFile, { collection: 'library', path });
      expect(report).toMatchObject({ state: 'not-shared', reason: expect.stringContaining(reason) });
    }
  } finally {
    socket.close();
  }
});
