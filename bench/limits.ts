/**
 * `node tools/boot.mjs bench/limits.ts`: how exactly a node keeps its limits. Whole nodes on loopback: one with limits
 * fetches a document from three others, and sends another to all three, at the same time; its limits are changed while
 * the bytes flow. Counted by the node's own metrics, twice a second.
 */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Download } from '@allibrary/contracts';
import { copyFile } from 'node:fs/promises';
import { writeLargeFile } from '../test/support/documents.ts';
import { Seedbox } from '../test/support/seedbox.ts';

const MIB = 1_048_576;
const PEERS = 3;
const SAMPLE_MS = 500;
const WINDOW_SECONDS = 10;

type Direction = 'received' | 'sent';
const DIRECTIONS: readonly Direction[] = ['received', 'sent'];

interface Sample {
  readonly atMs: number;
  readonly received: number;
  readonly sent: number;
}

/** The limits one after the other, each with how long it is watched. */
const PHASES = [
  { mibPerSecond: 5, seconds: 24 },
  { mibPerSecond: 10, seconds: 14 },
  { mibPerSecond: 2, seconds: 14 },
];

const limited = await Seedbox.start();
const peers: Seedbox[] = [];
try {
  const bootstrap = [await limited.address()];
  for (let index = 0; index < PEERS; index++) peers.push(await Seedbox.start({ bootstrap }));
  await limited.meets(PEERS);
  const { theirs, ours } = await documents();
  await setLimit(PHASES[0]?.mibPerSecond ?? 1);
  await limited.download(theirs);
  const fetched = await Promise.all(peers.map((peer) => peer.download(ours)));
  console.log(
    '| limit, MiB/s | direction | 10 s windows: least to most, MiB/s | farthest off | first second after the change |',
  );
  console.log('| --- | --- | --- | --- | --- |');
  for (const phase of PHASES) await watch(phase);
  await showFairness(fetched);
} finally {
  await Promise.all([limited, ...peers].map((seedbox) => seedbox.stop()));
}

/** A document that all peers have, and one that the limited node has; neither is through before the end. */
async function documents(): Promise<{ theirs: string; ours: string }> {
  const sizeBytes = PHASES.reduce((sum, { mibPerSecond, seconds }) => sum + mibPerSecond * (seconds + 3), 0) * MIB;
  const [first] = peers;
  if (!first) throw new Error('there are no peers');
  await writeLargeFile(join(first.library, 'theirs.bin'), sizeBytes);
  for (const peer of peers.slice(1))
    await copyFile(join(first.library, 'theirs.bin'), join(peer.library, 'theirs.bin'));
  await writeLargeFile(join(limited.library, 'ours.bin'), sizeBytes);
  const [theirs] = await Promise.all(peers.map((peer) => peer.documentOf('theirs.bin', 120_000)));
  const ours = await limited.documentOf('ours.bin', 120_000);
  if (!theirs) throw new Error('there are no peers');
  return { theirs: theirs.documentId, ours: ours.documentId };
}

async function setLimit(mibPerSecond: number): Promise<void> {
  const bytesPerSecond = mibPerSecond * MIB;
  const limits = { downloadBytesPerSecond: bytesPerSecond, uploadBytesPerSecond: bytesPerSecond };
  await limited.call('PUT', 'settings/limits', limits);
}

/** Changes the limit, and tells what flowed: in each window that begins a second after the change, or later. */
async function watch({ mibPerSecond, seconds }: (typeof PHASES)[number]): Promise<void> {
  await setLimit(mibPerSecond);
  const samples: Sample[] = [];
  const endMs = performance.now() + seconds * 1_000;
  while (performance.now() < endMs) {
    samples.push(await sample());
    await delay(SAMPLE_MS);
  }
  for (const direction of DIRECTIONS) {
    const rates = windows(samples, direction).map((each) => each / MIB);
    const off = Math.max(...rates.map((each) => Math.abs(each / mibPerSecond - 1)));
    const first = rate(samples[0], samples[1000 / SAMPLE_MS], direction) / MIB;
    const range = `${Math.min(...rates).toFixed(2)} to ${Math.max(...rates).toFixed(2)}`;
    console.log(
      `| ${mibPerSecond} | ${direction} | ${range} | ${(off * 100).toFixed(1)} % | ${first.toFixed(2)} MiB/s |`,
    );
  }
}

function windows(samples: readonly Sample[], direction: Direction): number[] {
  const settled = samples.slice(1_000 / SAMPLE_MS);
  return settled.flatMap((start) => {
    const end = settled.find(({ atMs }) => atMs >= start.atMs + WINDOW_SECONDS * 1_000);
    return end ? [rate(start, end, direction)] : [];
  });
}

function rate(from: Sample | undefined, to: Sample | undefined, direction: Direction): number {
  return from && to ? ((to[direction] - from[direction]) / (to.atMs - from.atMs)) * 1_000 : Number.NaN;
}

async function sample(): Promise<Sample> {
  const { programs } = await limited.state();
  const metrics = await (await fetch(`${programs['transfer']?.httpUrl}/metrics`)).text();
  const bytes = (direction: Direction) =>
    Number(
      new RegExp(`^allibrary_transferred_bytes_total\\{[^}]*direction="${direction}"[^}]*\\} (\\S+)`, 'm').exec(
        metrics,
      )?.[1],
    );
  return { atMs: performance.now(), received: bytes('received'), sent: bytes('sent') };
}

async function showFairness(started: readonly Download[]): Promise<void> {
  const states = peers.map((peer, at) => peer.call<Download>('GET', `downloads/${started[at]?.id}`));
  const mebibytes = (await Promise.all(states)).map(({ bytesDone }) => (bytesDone / MIB).toFixed(0));
  console.log(`\nWhat was sent to each of the ${PEERS} peers in all, MiB: ${mebibytes.join(', ')}`);
}
