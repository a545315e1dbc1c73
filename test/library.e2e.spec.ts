// Real: everything. The node is started as `npm start` starts it: supervisor, nats-server, five built services.
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@allibrary/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { smallPdf } from './support/documents.ts';
import { Seedbox } from './support/seedbox.ts';

let seedbox: Seedbox;
beforeAll(async () => {
  seedbox = await Seedbox.start();
});
afterAll(async () => {
  expect(await seedbox.stop()).toBe(0);
});

const found = async (text: string): Promise<string[]> =>
  (await seedbox.search(text, 'local')).results.map(({ name }) => name);
const isFound = (text: string, name: string) =>
  eventually(async () => (await found(text)).includes(name), { timeoutMs: 20_000 });

test('a PDF that is copied into the library is found by a word of its text, and read with ranges', async () => {
  const pdf = smallPdf('Notes on the migration of wheatears');
  await writeFile(join(seedbox.library, 'birds.pdf'), pdf);
  await isFound('wheatears', 'birds.pdf');
  const { documentId, sha256, mediaType } = await seedbox.documentOf('birds.pdf');
  expect({ sha256, mediaType }).toEqual({
    sha256: createHash('sha256').update(pdf).digest('hex'),
    mediaType: 'application/pdf',
  });
  const whole = await seedbox.fetch(`documents/${documentId}/content`);
  expect(pdf.equals(Buffer.from(await whole.arrayBuffer()))).toBe(true);
  const part = await seedbox.fetch(`documents/${documentId}/content`, { headers: { range: 'bytes=5-12' } });
  expect(part.status).toBe(206);
  expect(Buffer.from(await part.arrayBuffer()).toString()).toBe(pdf.subarray(5, 13).toString());
});

test('a changed file is found by its new text only, and a removed one no longer', async () => {
  const file = join(seedbox.library, 'diary.txt');
  await writeFile(file, 'about the kestrel');
  await isFound('kestrel', 'diary.txt');
  await writeFile(file, 'about the nightingale, much longer');
  await isFound('nightingale', 'diary.txt');
  expect(await found('kestrel')).toEqual([]);
  await unlink(file);
  await eventually(async () => (await found('nightingale')).length === 0);
});

test('bad input is named, loses nothing, and holds nothing up', async () => {
  const { library } = seedbox;
  const outside = join(library, '..', 'secret.txt');
  writeFileSync(outside, 'the secret capybara');
  symlinkSync(outside, join(library, 'link.txt'));
  writeFileSync(join(library, 'truncated.pdf'), smallPdf('a truncated okapi').subarray(0, 200));
  writeFileSync(join(library, 'two\nlines.txt'), 'a file about the pangolin');
  writeFileSync(
    Buffer.concat([Buffer.from(`${library}/broken-`), Buffer.from([0xff, 0xfe]), Buffer.from('.txt')]),
    'an aardvark',
  );
  mkdirSync(join(library, 'deep/er'), { recursive: true });
  writeFileSync(join(library, 'deep/er/brief.md'), '# The axolotl\n');
  writeFileSync(join(library, 'gone.txt'), 'nobody sees this numbat');
  rmSync(join(library, 'gone.txt'));

  await isFound('axolotl', 'brief.md');
  await isFound('pangolin', 'two\nlines.txt');
  await isFound('truncated', 'truncated.pdf');
  expect(await found('capybara')).toEqual([]);
  expect(await found('aardvark')).toEqual([]);
  await eventually(async () => (await seedbox.log('watcher')).includes('UTF-8'));
  const link = `files?path=${encodeURIComponent(join(library, 'link.txt'))}`;
  expect(await seedbox.call('GET', link)).toMatchObject({ state: 'not-shared', reason: expect.stringMatching(/link/) });
  const { documentId } = await seedbox.documentOf('truncated.pdf');
  expect(await seedbox.call('GET', `documents/${documentId}/report`)).toMatchObject({ problem: expect.any(String) });
});

describe('the API', () => {
  test('names what is wrong with a request', async () => {
    const problem = async (path: string, init?: RequestInit) => {
      const response = await seedbox.fetch(path, init);
      return { status: response.status, body: (await response.json()) as { error: { code: string; message: string } } };
    };
    expect((await problem('search?q=')).status).toBe(400);
    expect(await problem('documents/nonsense')).toMatchObject({ status: 400, body: { error: { code: 'invalid' } } });
    const unknown = 'bafkreigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi';
    expect(await problem(`documents/${unknown}`)).toMatchObject({
      status: 404,
      body: { error: { code: 'not-found' } },
    });
    const headers = { 'content-type': 'application/json' };
    expect((await problem('peers', { method: 'POST', headers, body: '{"multiaddr":"no"}' })).status).toBe(400);
  });

  test('lets nobody in without the key', async () => {
    const { httpUrl } = await seedbox.state();
    expect((await fetch(`${httpUrl}/api/v1/documents`)).status).toBe(401);
    expect((await fetch(`${httpUrl}/health/ready`)).status).toBe(200);
  });
});

describe('whichever service is killed while 200 files come in', () => {
  test.each(['watcher', 'transfer', 'indexer', 'p2p-node', 'gateway', 'nats-server'])(
    '%s: each file is indexed, once',
    async (program) => {
      const files = Array.from({ length: 200 }, (_, number) => `${program}/file-${number}.txt`);
      mkdirSync(join(seedbox.library, program));
      for (const file of files.slice(0, 100))
        writeFileSync(join(seedbox.library, file), `${file} tells of ${program} and of quetzals`);
      await eventually(async () => (await countShared(`${program}/`)) > 0);
      const restarted = seedbox.killAndAwaitRestart(program);
      for (const file of files.slice(100))
        writeFileSync(join(seedbox.library, file), `${file} tells of ${program} and of quetzals`);
      await restarted;
      const indexed = async () => {
        const { results } = await seedbox.call<{ results: { name: string }[] }>(
          'GET',
          `search?q=${program}+quetzals&scope=local&limit=100`,
        );
        return results;
      };
      await eventually(async () => (await countShared(`${program}/`)) === 200, { timeoutMs: 120_000 });
      await eventually(async () => (await countIndexed()) === (await countShared('')), { timeoutMs: 120_000 });
      const names = (await indexed()).map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      expect(names).toHaveLength(100); // the most that one answer holds
    },
  );
});

/** How many documents are shared from below a folder. */
async function countShared(folder: string): Promise<number> {
  let count = 0;
  for await (const { locations } of seedbox.allDocuments())
    if (locations.some(({ path }) => path.startsWith(folder))) count += 1;
  return count;
}

/** How many documents the index holds, by its metric. */
const countIndexed = (): Promise<number> => seedbox.metric('indexer', 'allibrary_index_documents');
