// Real: a whole node as users run it, its data on a small file system that is filled to the last byte and freed again.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SmallDisk, eventually } from '@allibrary/testing';
import { afterEach, expect, onTestFailed, test } from 'vitest';
import { Seedbox } from './support/seedbox.ts';

const DATA_SIZE = '80m';
const FEW_FREE_BYTES = 5 * 1_048_576;
const MINUTE = { timeoutMs: 60_000 };
const DURING = 60;
const UNKNOWN = 'bafkreigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi';

let node: Seedbox | undefined;
let disk: SmallDisk | undefined;

afterEach(async () => {
  disk?.makeRoom();
  disk?.unmount();
  await node?.stop();
  [node, disk] = [undefined, undefined];
});

/** Starts a node with one document, whose data folder is a file system of its own. */
async function startOnSmallDisk(): Promise<{ node: Seedbox; disk: SmallDisk }> {
  const started = await Seedbox.start({
    fill: async (library) => {
      disk = SmallDisk.mount(join(dirname(library), 'data'), DATA_SIZE);
      writeFileSync(join(library, 'before.txt'), 'a letter from before');
    },
  });
  node = started;
  onTestFailed(() => console.log(started.output)); // the logs lie on the disk that was full
  await started.documentOf('before.txt');
  return { node: started, disk: disk as SmallDisk };
}

async function readiness(seedbox: Seedbox): Promise<Record<string, string>> {
  const { programs } = await seedbox.state();
  const services = Object.entries(programs).filter(([, { httpUrl }]) => httpUrl);
  const answers = services.map(async ([name, { httpUrl }]) => {
    const response = await fetch(`${httpUrl}/health/ready`);
    return [name, response.ok ? 'ready' : await response.text()] as const;
  });
  return Object.fromEntries(await Promise.all(answers));
}

async function expectAllReady(seedbox: Seedbox): Promise<void> {
  expect(Object.values(await readiness(seedbox))).toEqual(Array(5).fill('ready'));
}

const namesFor = async (seedbox: Seedbox, word: string): Promise<string[]> =>
  (await seedbox.search(word, 'local')).results.map(({ name }) => name);

async function expectNothingGivenUp(seedbox: Seedbox): Promise<void> {
  for (const program of ['transfer', 'indexer', 'p2p-node', 'watcher'])
    expect(await seedbox.log(program)).not.toContain('dead letters');
}

test('a full disk is named by every service, and what came meanwhile is shared and found within a minute of room', async () => {
  const { node, disk } = await startOnSmallDisk();
  disk.fill();
  for (let number = 0; number < DURING; number++) {
    const text = `a letter during the shortage, numbered shortage${number} ${randomBytes(2_000).toString('hex')}`;
    writeFileSync(join(node.library, `during-${number}.txt`), text);
  }
  await eventually(async () => {
    disk.fill();
    const reasons = Object.values(await readiness(node));
    expect(reasons).toHaveLength(5);
    for (const reason of reasons) expect(reason).toContain(`no space left on device (${disk.folder}/nats)`);
    return true;
  }, MINUTE);
  await eventually(() => node.output.includes('is not ready: the bus cannot store: no space left'), MINUTE);

  disk.makeRoom();
  writeFileSync(join(node.library, 'after.txt'), 'a letter from afterwards');
  await eventually(async () => {
    await expectAllReady(node);
    expect(await node.documents()).toHaveLength(DURING + 2);
    for (const number of [0, DURING / 2, DURING - 1])
      expect(await namesFor(node, `shortage${number}`)).toEqual([`during-${number}.txt`]);
    expect(await namesFor(node, 'afterwards')).toEqual(['after.txt']);
    return true;
  }, MINUTE);
  expect((await node.download(UNKNOWN)).documentId).toBe(UNKNOWN);
  await expectNothingGivenUp(node);
});

test('a node that starts with little room works, and one that has none starts by itself when there is room', async () => {
  const { node, disk } = await startOnSmallDisk();
  await node.restart({ meanwhile: async () => disk.fill(FEW_FREE_BYTES) });
  await eventually(() => expectAllReady(node).then(() => true), MINUTE);
  writeFileSync(join(node.library, 'little.txt'), 'a letter, 20 bytes..');
  await node.documentOf('little.txt');
  const { id } = await node.download(UNKNOWN);

  const restarted = node.restart({ meanwhile: async () => disk.fill() });
  writeFileSync(join(node.library, 'full.txt'), 'a letter to a full disk');
  await eventually(() => node.output.includes('the node starts when there is room'), MINUTE);
  disk.makeRoom();
  await restarted;
  await eventually(async () => {
    await expectAllReady(node);
    expect(await namesFor(node, 'full')).toEqual(['full.txt']);
    expect(await node.call('GET', `downloads/${id}`)).toMatchObject({ documentId: UNKNOWN });
    return true;
  }, MINUTE);
  await expectNothingGivenUp(node);
});
