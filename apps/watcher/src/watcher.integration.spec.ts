// Real: nats-server, the watcher as `npm start` runs it, chokidar, a folder; a service of the test's own hears the facts.
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Data, FileFound, FileLost } from '@allibrary/contracts';
import { type Delivery, OnEvent } from '@allibrary/messaging';
import { Logger, type RunningService, commonSettings, defineConfig, startService } from '@allibrary/platform';
import { type TempFolder, type TestNats, eventually, startNats, tempFolder } from '@allibrary/testing';
import { Controller } from '@nestjs/common';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watcher } from './watcher.ts';

const SETTLE_MS = 300;

interface Heard {
  readonly kind: 'found' | 'lost';
  readonly path: string;
  readonly sizeBytes?: number;
  readonly sequence: number;
}

let heard: Heard[] = [];
let warnings: string[] = [];

@Controller()
class Listener {
  @OnEvent(FileFound)
  async onFound({ path, sizeBytes }: Data<typeof FileFound>, { sequence }: Delivery): Promise<void> {
    heard.push({ kind: 'found', path, sizeBytes, sequence });
  }

  @OnEvent(FileLost)
  async onLost({ path }: Data<typeof FileLost>, { sequence }: Delivery): Promise<void> {
    heard.push({ kind: 'lost', path, sequence });
  }
}

class ListeningLogger extends Logger {
  override warn(fields: Record<string, unknown> | string, message?: string): void {
    warnings.push(typeof fields === 'string' ? fields : `${message} ${JSON.stringify(fields)}`);
  }
}

let nats: TestNats;
let temp: TempFolder;
let running: RunningService[] = [];
const inLibrary = (path: string) => join(temp.path, 'library', path);

beforeEach(async () => {
  [nats, temp] = await Promise.all([startNats(), tempFolder()]);
  mkdirSync(inLibrary(''));
  const listener = { service: 'listener', config: defineConfig(commonSettings), module: listenerModule };
  running = [await startService(listener, listener.config.parse(environment()), quiet)];
});
afterEach(async () => {
  for (const service of running.toReversed()) await service.stop();
  await nats.stop();
  await temp.remove();
  heard = [];
  warnings = [];
  vi.unstubAllEnvs();
});

const listenerModule = () => ({ module: class ListenerModule {}, controllers: [Listener] });
const quiet = new ListeningLogger({ service: 'test', level: 'error' });
const environment = () => ({
  ALLIBRARY_NATS_URL: nats.url,
  ALLIBRARY_NATS_TOKEN: nats.token,
  ALLIBRARY_DATA: join(temp.path, 'data'),
  ALLIBRARY_LIBRARY: inLibrary(''),
  ALLIBRARY_SETTLE_MS: String(SETTLE_MS),
});

async function startWatcher(rescanMinutes = 60): Promise<RunningService> {
  const config = watcher.config.parse({ ...environment(), ALLIBRARY_RESCAN_MINUTES: String(rescanMinutes) });
  const service = await startService(watcher, config, quiet);
  running.push(service);
  return service;
}

async function stopWatcher(): Promise<void> {
  await running.pop()?.stop();
}

/** The facts so far, in the order in which they were stored, as `found a.txt`. */
const facts = (): string[] =>
  heard.toSorted((one, other) => one.sequence - other.sequence).map(({ kind, path }) => `${kind} ${path}`);

const expectFacts = (expected: string[]) =>
  eventually(() => expect(facts().toSorted()).toEqual(expected.toSorted()) ?? true);

/** Waits until everything that was there before has been looked at: a file that came later is said after it. */
async function lookedAtAll(): Promise<void> {
  const sentinel = `sentinel ${heard.length}.txt`;
  writeFileSync(inLibrary(sentinel), 'x');
  await eventually(() => facts().includes(`found ${sentinel}`));
  heard = heard.filter(({ path }) => path !== sentinel);
}

/** Sets a file's date back, so that a scan takes it as settled. */
const makeOld = (path: string) => utimesSync(inLibrary(path), new Date(2001, 1), new Date(2001, 1));

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${running.at(-1)?.httpUrl}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(name));
  return Number(line?.split(' ').at(-1));
}

async function readiness(): Promise<{ status: number; library: string | null }> {
  const answer = await fetch(`${running.at(-1)?.httpUrl}/health/ready`);
  const { checks } = (await answer.json()) as { checks: Record<string, string | null> };
  return { status: answer.status, library: checks['library'] ?? null };
}

test('what is there at the start, what comes, changes and goes', async () => {
  mkdirSync(inLibrary('shelf'));
  writeFileSync(inLibrary('shelf/old.txt'), 'old');
  makeOld('shelf/old.txt');
  await startWatcher();
  await expectFacts(['found shelf/old.txt']);
  writeFileSync(inLibrary('new.txt'), 'new');
  await expectFacts(['found shelf/old.txt', 'found new.txt']);
  writeFileSync(inLibrary('new.txt'), 'changed');
  await eventually(() => heard.some(({ path, sizeBytes }) => path === 'new.txt' && sizeBytes === 7));
  unlinkSync(inLibrary('shelf/old.txt'));
  await expectFacts(['found shelf/old.txt', 'found new.txt', 'found new.txt', 'lost shelf/old.txt']);
  expect(await metric('allibrary_known_files')).toBe(1);
});

test('a file that grows is said once, in its final size', async () => {
  await startWatcher();
  await lookedAtAll();
  const endMs = performance.now() + SETTLE_MS * 4;
  let sizeBytes = 0;
  await eventually(() => {
    appendFileSync(inLibrary('growing.bin'), 'x'.repeat(1_000));
    sizeBytes += 1_000;
    expect(heard).toEqual([]);
    return performance.now() > endMs;
  });
  await expectFacts(['found growing.bin']);
  await lookedAtAll();
  expect(heard).toMatchObject([{ path: 'growing.bin', sizeBytes }]);
});

test('files and folders that move, inside the library, into it and out of it', async () => {
  mkdirSync(join(temp.path, 'outside/deep'), { recursive: true });
  for (let n = 0; n < 20; n++) writeFileSync(join(temp.path, `outside/deep/${n}.txt`), 'x');
  writeFileSync(inLibrary('one.txt'), 'x');
  await startWatcher();
  await expectFacts(['found one.txt']);
  renameSync(inLibrary('one.txt'), inLibrary('two.txt'));
  renameSync(join(temp.path, 'outside'), inLibrary('inside'));
  const came = Array.from({ length: 20 }, (_, n) => `inside/deep/${n}.txt`);
  const soFar = ['found one.txt', 'lost one.txt', 'found two.txt', ...came.map((path) => `found ${path}`)];
  await expectFacts(soFar);
  renameSync(inLibrary('inside'), join(temp.path, 'outside'));
  await expectFacts([...soFar, ...came.map((path) => `lost ${path}`)]);
});

test('the only file that goes is lost, for the folder that held it is still there', async () => {
  writeFileSync(inLibrary('only.txt'), 'x');
  await startWatcher();
  await expectFacts(['found only.txt']);
  unlinkSync(inLibrary('only.txt'));
  await expectFacts(['found only.txt', 'lost only.txt']);
  expect(await readiness()).toEqual({ status: 200, library: null });
});

test('a restart finds what changed meanwhile, and says nothing of the rest', async () => {
  for (const name of ['same', 'changed', 'gone']) writeFileSync(inLibrary(`${name}.txt`), name);
  await startWatcher();
  await expectFacts(['found same.txt', 'found changed.txt', 'found gone.txt']);
  await stopWatcher();
  heard = [];
  writeFileSync(inLibrary('changed.txt'), 'other bytes');
  writeFileSync(inLibrary('new.txt'), 'new');
  unlinkSync(inLibrary('gone.txt'));
  await startWatcher();
  await lookedAtAll();
  await expectFacts(['found changed.txt', 'lost gone.txt', 'found new.txt']);
});

test('a read model that was deleted makes everything said again', async () => {
  writeFileSync(inLibrary('file.txt'), 'x');
  await startWatcher();
  await expectFacts(['found file.txt']);
  await stopWatcher();
  rmSync(join(temp.path, 'data/watcher'), { recursive: true });
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
  expect(await metric('allibrary_last_library_scan_timestamp_seconds')).toBeGreaterThan(1.7e9);
});

test('what can not be shared is named once, and all else is shared', async () => {
  mkdirSync(join(temp.path, 'outside'));
  writeFileSync(join(temp.path, 'outside/secret.txt'), 'secret');
  const disturb = (when: string) => {
    writeFileSync(inLibrary(`two\nlines ${when}.txt`), 'x');
    writeFileSync(Buffer.concat([Buffer.from(inLibrary(`bad ${when} `)), Buffer.from([0xff])]), 'x');
    symlinkSync(join(temp.path, 'outside'), inLibrary(`folder link ${when}`));
    symlinkSync(join(temp.path, 'outside/secret.txt'), inLibrary(`file link ${when}`));
    execFileSync('mkfifo', [inLibrary(`fifo ${when}`)]);
    mkdirSync(inLibrary(`.hidden ${when}`));
    writeFileSync(inLibrary(`.hidden ${when}/part`), 'x');
  };
  disturb('before');
  await startWatcher(0.01);
  await expectFacts(['found two\nlines before.txt']);
  disturb('after');
  await expectFacts(['found two\nlines before.txt', 'found two\nlines after.txt']);
  const skipped = (reason: string) => metric(`allibrary_skipped_files_total{reason="${reason}"`);
  await eventually(async () => (await skipped('invalid-name')) === 2);
  const scans = await metric('allibrary_library_scan_seconds_count');
  await eventually(async () => (await metric('allibrary_library_scan_seconds_count')) > scans + 1);
  expect(await Promise.all(['symlink', 'special', 'invalid-name'].map(skipped))).toEqual([4, 2, 2]);
  expect(warnings.filter((line) => line.includes('not shared'))).toHaveLength(8);
  expect(facts()).toHaveLength(2);
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
    renameSync(inLibrary(''), join(temp.path, 'unmounted'));
    if (how === 'empty') mkdirSync(inLibrary('.hidden'), { recursive: true });
    await eventually(() => warnings.some((line) => line.includes('mount its disk')));
    await eventually(async () => (await metric('allibrary_waiting_files')) === 0);
    expect(await readiness()).toMatchObject({ status: 503, library: expect.stringContaining(how) });
    rmSync(inLibrary(''), { recursive: true, force: true });
    renameSync(join(temp.path, 'unmounted'), inLibrary(''));
    await eventually(async () => (await readiness()).status === 200);
    writeFileSync(inLibrary('c.txt'), 'c');
    await expectFacts(['found a.txt', 'found b.txt', 'found c.txt']);
    expect(warnings.filter((line) => line.includes('mount its disk'))).toHaveLength(1);
    expect(readdirSync(inLibrary(''))).toHaveLength(3);
  },
);

test('a library behind a link is watched, and watched anew where the link leads later', async () => {
  const disks = ['one', 'two'].map((name) => join(temp.path, name));
  const link = (disk: string) => {
    rmSync(join(temp.path, 'library'), { recursive: true });
    symlinkSync(disk, join(temp.path, 'library'));
  };
  for (const disk of disks) mkdirSync(disk);
  link('one');
  await startWatcher();
  await lookedAtAll();
  writeFileSync(inLibrary('a.txt'), 'a');
  await expectFacts(['found a.txt']);
  link('two');
  unlinkSync(join(temp.path, 'one/a.txt'));
  await eventually(() => warnings.some((line) => line.includes('is empty')));
  expect(facts()).toEqual(['found a.txt']);
  writeFileSync(inLibrary('b.txt'), 'b');
  await eventually(() => facts().includes('found b.txt'));
  await lookedAtAll();
  writeFileSync(inLibrary('c.txt'), 'c');
  await eventually(() => facts().includes('found c.txt'));
});

test('a broker that is killed while files come misses none of them', async () => {
  await startWatcher();
  const names = Array.from({ length: 200 }, (_, n) => `${n}.txt`);
  for (const name of names.slice(0, 100)) writeFileSync(inLibrary(name), name);
  await eventually(() => heard.length > 0);
  const restarted = nats.restart();
  for (const name of names.slice(100)) writeFileSync(inLibrary(name), name);
  await restarted;
  await eventually(() => new Set(heard.map(({ path }) => path)).size === names.length, { timeoutMs: 30_000 });
  await eventually(async () => (await metric('allibrary_known_files')) === names.length);
  expect(new Set(facts())).toEqual(new Set(names.map((name) => `found ${name}`)));
});
