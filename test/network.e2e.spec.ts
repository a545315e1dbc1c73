// Real: everything. Several whole nodes on loopback, each started as `npm start` starts it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Download } from '@allibrary/contracts';
import { eventually } from '@allibrary/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { sha256Of, smallPdf, writeLargeFile } from './support/documents.ts';
import { Seedbox } from './support/seedbox.ts';

const MIB = 1_048_576;
/** Pieces that are asked of a peer at once before anything is known of its line. */
const LEAST_DEPTH = 2;
const running: Seedbox[] = [];

afterEach(async () => {
  for (const seedbox of running.splice(0)) expect(await seedbox.stop()).toBe(0);
});

async function start(bootstrap: readonly Seedbox[] = []): Promise<Seedbox> {
  const seedbox = await Seedbox.start({ bootstrap: await Promise.all(bootstrap.map((each) => each.address())) });
  running.push(seedbox);
  return seedbox;
}

/** Puts the same bytes into the libraries of several nodes; answers the document that all of them share. */
async function shareLargeFile(
  holders: readonly Seedbox[],
  sizeBytes: number,
): Promise<{ documentId: string; sha256: string }> {
  const [first, ...others] = holders;
  if (!first) throw new Error('somebody has to hold the file');
  const sha256 = await writeLargeFile(join(first.library, 'large.bin'), sizeBytes);
  const { documentId } = await first.documentOf('large.bin', 60_000);
  for (const other of others) {
    const download = await other.download(documentId);
    await other.completed(download.id);
  }
  return { documentId, sha256 };
}

test('a search on one node finds the document of another, with its size and sources, and one click fetches it', async () => {
  const a = await start();
  const b = await start([a]);
  await b.meets(1);
  const pdf = smallPdf('The habits of the hoopoe');
  writeFileSync(join(a.library, 'hoopoe.pdf'), pdf);
  const { results, coverage } = await eventually(async () => {
    const answer = await b.search('hoopoe');
    return answer.results.length > 0 && answer;
  });
  expect(coverage).toEqual({ asked: 1, answered: 1, missing: [], cachedAtMs: null });
  expect(results[0]).toMatchObject({
    name: 'hoopoe.pdf',
    sizeBytes: pdf.length,
    local: false,
    sources: [{ peerId: await a.peerId(), seenAtMs: null }],
  });
  const download = await b.download(results[0]?.documentId ?? '');
  expect(await b.completed(download.id)).toMatchObject({ name: 'hoopoe.pdf', bytesDone: pdf.length });
  await eventually(async () => (await b.search('hoopoe', 'local')).results.length === 1);
});

test('256 MiB come from two nodes at once, bit-identical, and the downloader is a source for a fourth node', async () => {
  const a = await start();
  const [b, c] = [await start([a]), await start([a])];
  await Promise.all([b.meets(1), c.meets(1)]);
  const { documentId, sha256 } = await shareLargeFile([a, b], 256 * MIB);

  // Through their common peer they would meet too, but perhaps only when the download is nearly over.
  await c.call('POST', 'peers', { multiaddr: await b.address() });
  await c.meets(2);
  const download = await c.completed((await c.download(documentId)).id);
  const sources = new Map(download.sources.map(({ peerId, bytes }) => [peerId, bytes]));
  // Who gives how much is for the machine to decide; each gives at least what is asked of it at once from the beginning.
  expect(sources.get(await a.peerId())).toBeGreaterThanOrEqual(LEAST_DEPTH * MIB);
  expect(sources.get(await b.peerId())).toBeGreaterThanOrEqual(LEAST_DEPTH * MIB);
  expect([...sources.values()].reduce((sum, bytes) => sum + bytes)).toBe(256 * MIB);
  expect(await sha256Of(join(c.library, 'large.bin'))).toBe(sha256);

  const d = await start([c]);
  await d.meets(1);
  const { results } = await eventually(async () => {
    const answer = await d.search('large');
    return answer.results.length > 0 && answer;
  });
  expect(results[0]?.sources.map(({ peerId }) => peerId)).toContain(await c.peerId());
});

describe('whichever service of the downloader is killed during a download', () => {
  test.each(['transfer', 'p2p-node', 'indexer', 'watcher', 'gateway', 'nats-server'])(
    '%s: it completes, and no safe piece is fetched twice',
    async (program) => {
      const a = await start();
      const b = await start([a]);
      await b.meets(1);
      const { documentId, sha256 } = await shareLargeFile([a], 192 * MIB);
      const { id } = await b.download(documentId);
      const seen = await eventually(
        async () => {
          const download = await b.call<Download>('GET', `downloads/${id}`);
          return download.bytesDone > 8 * MIB && download;
        },
        { timeoutMs: 60_000 },
      );
      expect(seen.state).toBe('active');
      await b.killAndAwaitRestart(program);
      const download = await b.completed(id);
      expect(await sha256Of(join(b.library, 'large.bin'))).toBe(sha256);
      // What was in flight may come twice: up to 24 requests of 1 MiB.
      const received = await receivedBytes(b);
      expect(download.bytesDone).toBe(192 * MIB);
      expect(received).toBeLessThan(192 * MIB + 32 * MIB);
    },
  );
});

/** What p2p-node received from peers since its start, by its metric. */
async function receivedBytes(seedbox: Seedbox): Promise<number> {
  const { httpUrl } = (await seedbox.state()).programs['p2p-node'] ?? {};
  const metrics = await (await fetch(`${httpUrl}/metrics`)).text();
  return Number(/^allibrary_carried_bytes_total\{direction="in"\S* (\d+)/m.exec(metrics)?.[1]);
}

test('the documents of a node that is gone are shown as seen earlier, and its downloads wait for it', async () => {
  const a = await start();
  const b = await start([a]);
  await b.meets(1);
  writeFileSync(join(a.library, 'vanishing.txt'), 'about the quagga');
  const { documentId } = await a.documentOf('vanishing.txt');
  await eventually(async () => (await b.search('quagga')).results.length === 1);
  await a.stop();
  running.splice(running.indexOf(a), 1);
  await eventually(async () => {
    const [result] = (await b.search('quagga')).results;
    const sources = result?.sources ?? [];
    return sources.length > 0 && sources.every(({ seenAtMs }) => seenAtMs !== null);
  });
  const { id } = await b.download(documentId);
  await eventually(async () => {
    const { cause, reason } = await b.call<Download>('GET', `downloads/${id}`);
    return cause === 'no-source' && reason?.includes('again'); // after the first look
  });
  await b.call('DELETE', `downloads/${id}`);
  expect((await b.call<Download>('GET', `downloads/${id}`)).state).toBe('cancelled');
  await b.call('DELETE', `downloads/${id}`);
  expect((await b.call<{ items: Download[] }>('GET', 'downloads')).items).toEqual([]);
});
