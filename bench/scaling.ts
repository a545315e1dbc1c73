/**
 * `node tools/boot.mjs bench/scaling.ts`: what replicas bring on one machine. Nodes made by docker compose, as users have
 * them (test/compose/README.md says what stands in for what): one takes in many small files, and sends a large one to
 * another node, with 1, 2 and 3 replicas of transfer and indexer, in turn and three times. Needs root.
 */
import { randomBytes } from 'node:crypto';
import { chown, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Download } from '@allibrary/contracts';
import { eventually } from '@allibrary/testing';
import { ComposedNode } from '../test/support/composed-node.ts';
import { DockerEngine } from '../test/support/docker-engine.ts';
import { writeLargeFile } from '../test/support/documents.ts';
import { median, timed } from './measure.ts';

const MIB = 1_048_576;
const FILES = 3_000;
const FILE_BYTES = 8_192;
const LARGE_MIB = 512;
const ROUNDS = 3;
const REPLICAS = [1, 2, 3];
const IMAGE_USER = 1000;
const LIMIT_MS = 600_000;

interface Figures {
  readonly filesPerSecond: number[];
  readonly mibPerSecond: number[];
}

const figures = new Map<number, Figures>(REPLICAS.map((count) => [count, { filesPerSecond: [], mibPerSecond: [] }]));
const engine = await DockerEngine.start();
const nodes: ComposedNode[] = [];
try {
  const server = await started('server');
  const client = await started('client', { ALLIBRARY_BOOTSTRAP: await server.address() });
  for (let round = 0; round < ROUNDS; round++) {
    for (const count of REPLICAS) {
      await server.compose('up', '--detach', '--wait', '--scale', `transfer=${count}`, '--scale', `indexer=${count}`);
      const name = `${round}-${count}`;
      figures.get(count)?.filesPerSecond.push(FILES / (await ingest(server, name)));
      figures.get(count)?.mibPerSecond.push(LARGE_MIB / (await fetchLarge(server, client, name)));
    }
  }
  show();
} finally {
  for (const node of nodes) await node.remove();
  await engine.stop();
}

async function started(project: string, env: Readonly<Record<string, string>> = {}): Promise<ComposedNode> {
  const node = await ComposedNode.prepare(engine, project, env);
  nodes.push(node);
  if (nodes.length === 1) await node.compose('build', 'gateway');
  await node.compose('up', '--detach', '--wait');
  return node;
}

/** How long it takes until files that appear all at once can be searched, in seconds. */
async function ingest(node: ComposedNode, name: string): Promise<number> {
  const [hidden, folder] = [join(node.library, `.${name}`), join(node.library, name)];
  await mkdir(hidden);
  for (let index = 0; index < FILES; index++) {
    await writeFile(join(hidden, `${index}.txt`), randomBytes(FILE_BYTES / 2).toString('hex'));
  }
  await chown(hidden, IMAGE_USER, IMAGE_USER);
  const before = await indexed(node);
  const { seconds } = await timed(async () => {
    await rename(hidden, folder);
    await eventually(async () => (await indexed(node)) >= before + FILES, { timeoutMs: LIMIT_MS });
  });
  return seconds;
}

/** How many documents can be searched. */
async function indexed(node: ComposedNode): Promise<number> {
  const metrics = await node.exec(
    'indexer',
    'node',
    '-e',
    "fetch('http://127.0.0.1:8080/metrics').then(async (r) => console.log(await r.text()))",
  );
  return Number(/^allibrary_index_documents\{.*\} (\d+)$/m.exec(metrics)?.[1]);
}

/** How long the client takes to fetch a large document of the server, until it is shared, in seconds. */
async function fetchLarge(server: ComposedNode, client: ComposedNode, name: string): Promise<number> {
  const file = `large-${name}.bin`;
  await writeLargeFile(join(server.library, file), LARGE_MIB * MIB);
  const found = await eventually(async () => (await client.search(file)).find((each) => each.name === file), {
    timeoutMs: LIMIT_MS,
  });
  const { seconds } = await timed(async () => {
    const { id } = await client.call<Download>('POST', 'downloads', { documentId: found.documentId });
    await eventually(async () => (await client.call<Download>('GET', `downloads/${id}`)).state === 'completed', {
      timeoutMs: LIMIT_MS,
    });
  });
  return seconds;
}

function show(): void {
  console.log(
    `| replicas of transfer and indexer | ingest of ${FILES} files, files/s | serving ${LARGE_MIB} MiB, MiB/s |`,
  );
  console.log('| --- | --- | --- |');
  for (const [count, { filesPerSecond, mibPerSecond }] of figures) {
    const text = (values: readonly number[]) =>
      `${median(values).toFixed(0)} (${values.map((each) => each.toFixed(0)).join(', ')})`;
    console.log(`| ${count} | ${text(filesPerSecond)} | ${text(mibPerSecond)} |`);
  }
}
