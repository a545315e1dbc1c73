// Real: nats-server, the watcher as `npm start` runs it, chokidar, folders. What transfer holds is played by the fixture.
import { mkdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { eventually } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WatcherFixture } from '../testing/watcher-fixture.ts';

const FILES = Array.from({ length: 10 }, (_, n) => `${n}.txt`);
const FEW = FILES.slice(0, 3);

let node: WatcherFixture;

beforeEach(async () => {
  node = await WatcherFixture.start();
});
afterEach(() => node.stop());

const found = (paths: readonly string[]) => paths.map((path) => `found ${path}`);
const expectFacts = (facts: string[]) => node.expectFacts(facts);
const stateIs = (state: string) => eventually(async () => (await node.status()).state === state);

/** A watcher that has published some files, which transfer holds. */
async function startWith(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    writeFileSync(node.inLibrary(path), path);
    node.makeOld(path);
  }
  await node.startWatcher();
  await expectFacts(found(paths));
  await eventually(() => node.held().size === paths.length);
}

/** Stops the watcher, changes something, and starts it again. */
async function restartAfter(change: () => void, { loseReadModel = false } = {}): Promise<void> {
  await node.stopWatcher();
  if (loseReadModel) rmSync(node.inTemp('data/watcher'), { recursive: true });
  change();
  node.heard = [];
  await node.startWatcher();
}

test('what transfer holds as it was published is left alone', async () => {
  await startWith(FEW);
  await restartAfter(() => {});
  node.openCatalog();
  await node.lookedAtAll();
  expect(node.facts()).toEqual([]);
});

test('a file that transfer does not hold is published again, while it runs and after a restart', async () => {
  await startWith(FEW);
  node.held().delete('1.txt');
  node.openCatalog();
  await expectFacts([...found(FEW), 'found 1.txt']);
  await restartAfter(() => node.held().delete('2.txt'));
  await expectFacts(['found 2.txt']);
});

test('a file that transfer holds in an older version is published again', async () => {
  await startWith(FEW);
  await restartAfter(() => {
    const file = node.held().get('1.txt');
    if (file) node.held().set('1.txt', { ...file, sizeBytes: 99 });
  });
  await expectFacts(['found 1.txt']);
});

test('a file that transfer holds and nobody finds is lost, though the watcher has forgotten it', async () => {
  await startWith(FILES);
  await restartAfter(() => unlinkSync(node.inLibrary('1.txt')), { loseReadModel: true });
  await eventually(() => node.facts().includes('lost 1.txt'));
  expect([...node.held().keys()].toSorted()).toEqual(FILES.filter((path) => path !== '1.txt'));
});

test('files that transfer holds need not be published again when the watcher has forgotten them', async () => {
  await startWith(FEW);
  await node.stopWatcher();
  rmSync(node.inTemp('data/watcher'), { recursive: true });
  renameSync(node.inLibrary(''), node.inTemp('away'));
  node.heard = [];
  await node.startWatcher();
  await stateIs('unavailable');
  await eventually(async () => (await node.status()).knownFiles === FEW.length);
  renameSync(node.inTemp('away'), node.inLibrary(''));
  await stateIs('watching');
  await node.lookedAtAll();
  expect(node.facts()).toEqual([]);
});

test('a watcher that has forgotten everything loses no file of a disk that is not mounted', async () => {
  await startWith(FEW);
  await restartAfter(
    () => {
      renameSync(node.inLibrary(''), node.inTemp('away'));
      mkdirSync(node.inLibrary(''));
    },
    { loseReadModel: true },
  );
  await stateIs('frozen');
  expect(await node.status()).toMatchObject({ evidence: expect.stringContaining('3 of 3'), knownFiles: 3 });
  expect(node.facts()).toEqual([]);
  rmSync(node.inLibrary(''), { recursive: true });
  renameSync(node.inTemp('away'), node.inLibrary(''));
  await stateIs('watching');
  await node.lookedAtAll();
  expect(node.facts()).toEqual([]);
});

test('a watcher that has forgotten everything believes that files were deleted where others are left', async () => {
  await startWith(FILES);
  const [left = '', ...deleted] = FILES;
  await restartAfter(() => deleted.forEach((path) => unlinkSync(node.inLibrary(path))), { loseReadModel: true });
  await eventually(() => deleted.every((path) => node.facts().includes(`lost ${path}`)));
  await stateIs('watching');
  expect([...node.held().keys()]).toEqual([left]);
});

test('files of a frozen collection stay known, whatever transfer holds, and are published when they are back', async () => {
  await startWith(FEW);
  await node.stopWatcher();
  await node.startWatcher();
  await stateIs('watching');
  renameSync(node.inLibrary(''), node.inTemp('away'));
  mkdirSync(node.inLibrary(''));
  await stateIs('frozen');
  node.heard = [];
  node.catalog.clear();
  node.openCatalog();
  rmSync(node.inLibrary(''), { recursive: true });
  renameSync(node.inTemp('away'), node.inLibrary(''));
  await expectFacts(found(FEW));
});

test('files of a collection that is not wanted, and those that a pattern leaves out, are left out of the catalog', async () => {
  await startWith(FEW);
  await restartAfter(() => {
    writeFileSync(node.inLibrary('.hidden.txt'), 'x');
    node.hold('.hidden.txt');
    node.held('gone').set('a.txt', { path: 'a.txt', sizeBytes: 1, modifiedAtMs: 1, inode: 1, device: 1 });
  });
  await eventually(() => node.heard.length === 2);
  expect(node.heard).toMatchObject([
    { kind: 'lost', isLeftOut: true },
    { kind: 'lost', isLeftOut: true },
  ]);
  expect(node.facts('gone')).toEqual(['lost a.txt']);
  expect(node.facts()).toEqual(['lost .hidden.txt']);
});

test('while facts are on their way nothing is remembered from the catalog: that a file is lost may be among them', async () => {
  await startWith(FEW);
  await restartAfter(() => {
    node.held().set('lost.txt', { path: 'lost.txt', sizeBytes: 1, modifiedAtMs: 1, inode: 1, device: 1 });
    node.waiting = 1;
  });
  await node.lookedAtAll();
  expect((await node.status()).knownFiles).toBe(FEW.length + 1); // with the sentinel
  node.waiting = 0;
  await eventually(() => node.facts().includes('lost lost.txt'));
});
