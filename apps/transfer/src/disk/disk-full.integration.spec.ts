// Real: nats-server, transfer's whole module, files. SQLite itself has no room: its files may not grow any more.
import { randomBytes } from 'node:crypto';
import { GetDownload, ListDocuments, ListDownloads, LimitsSettings, StartDownload } from '@allibrary/contracts';
import { Settings, isNoSpace, streamSizes } from '@allibrary/messaging';
import { DurableStore, ReadModel } from '@allibrary/platform';
import { eventually } from '@allibrary/testing';
import { expect, test } from 'vitest';
import { type TransferNode, newPeerId, peerAt, startNode } from '../testing/transfer-fixture.ts';
import { unknownDocument } from '../testing/unknown-documents.ts';

const MIB = 1_048_576;
const NO_LIMIT = 1_073_741_823;
const MINUTE = { timeoutMs: 60_000 };
const TEST_LIMIT_MS = 150_000;
/** Rows of free pages are left over: small facts still fit for a while. */
const MANY = 2_000;

/** Lets the databases grow no more, and fills what they have. */
function fill(node: TransferNode): void {
  for (const type of [ReadModel, DurableStore]) {
    const { db } = node.part<ReadModel | DurableStore>(type);
    db.exec('CREATE TABLE IF NOT EXISTS filler (bytes BLOB)');
    const pages = Number(db.prepare('PRAGMA page_count').get()?.['page_count']);
    db.exec(`PRAGMA max_page_count = ${pages}`);
    for (const size of [4_000, 100, 1])
      untilFull(() => db.prepare('INSERT INTO filler VALUES (zeroblob(?))').run(size));
  }
  // Small facts would still fit into the last page of the outbox.
  const outbox = node.part(ReadModel).prepare("INSERT INTO outbox (subject, about, data) VALUES ('', ?, '')");
  untilFull((row) => outbox.run(`filler ${row}`));
}

function untilFull(write: (row: number) => void): void {
  try {
    for (let row = 0; ; row++) write(row);
  } catch (error) {
    expect(isNoSpace(error)).toBe(true);
  }
}

function makeRoom(node: TransferNode): void {
  for (const type of [ReadModel, DurableStore]) {
    const { db } = node.part<ReadModel | DurableStore>(type);
    db.exec(`PRAGMA max_page_count = ${NO_LIMIT}`);
  }
}

const health = async (node: TransferNode) => {
  const response = await fetch(`${node.httpUrl}/health/ready`);
  const { checks } = (await response.json()) as { checks: Record<string, string | null> };
  return { status: response.status, disk: checks['disk'] };
};
const names = async (node: TransferNode) =>
  (await node.bus.request(ListDocuments, {})).items.map(({ name }) => name).toSorted();

test(
  'commands are refused while they cannot be stored, and those that were accepted are there',
  async () => {
    const node = await startNode();
    const accepted: string[] = [];
    fill(node);
    let refusal: unknown;
    for (let tries = 0; tries < MANY && refusal === undefined; tries++) {
      await node.bus.request(StartDownload, { documentId: unknownDocument() }).then(
        ({ id }) => accepted.push(id),
        (error: unknown) => (refusal = error),
      );
    }
    expect(refusal).toMatchObject({ code: 'unavailable', message: expect.stringContaining('make room') });
    const { status, disk } = await health(node);
    expect(status).toBe(503);
    expect(disk).toContain(node.environment['ALLIBRARY_DATA']);
    makeRoom(node);
    const later = await node.bus.request(StartDownload, { documentId: unknownDocument() });
    await eventually(async () => (await health(node)).status === 200, MINUTE);
    await node.lose('bus', 'transfer');
    const { items } = await node.bus.request(ListDownloads, { limit: 200 });
    expect(items.map(({ id }) => id)).toEqual(expect.arrayContaining([...accepted, later.id]));
  },
  TEST_LIMIT_MS,
);

test(
  'files that are found while nothing can be stored are shared soon after room is made, and none is given up',
  async () => {
    const node = await startNode();
    fill(node);
    const files = Array.from({ length: 20 }, (_, index) => `${index}.txt`);
    for (const file of files) await node.add(file, randomBytes(2_000));
    await eventually(async () => (await health(node)).disk !== null);
    makeRoom(node);
    await eventually(async () => (await names(node)).length === files.length, MINUTE);
    expect((await streamSizes(node.bus)).find(({ stream }) => stream === 'DEAD')?.messages).toBe(0);
  },
  TEST_LIMIT_MS,
);

test(
  'a download that ends while nothing can be stored completes soon after room is made',
  async () => {
    const [source, node] = [await startNode(), await startNode()];
    await source.add('long.bin', randomBytes(4 * MIB));
    const documentId = await eventually(async () => (await source.bus.request(ListDocuments, {})).items[0]?.documentId);
    node.peers.set(newPeerId(), peerAt(source.carrierPort));
    const settings = new Settings(node.bus);
    await settings.write(LimitsSettings, LimitsSettings.schema.parse({ downloadBytesPerSecond: 2 * MIB }));
    const { id } = await node.bus.request(StartDownload, { documentId });
    await eventually(async () => (await node.bus.request(GetDownload, { id })).bytesDone > MIB);
    fill(node);
    await eventually(async () => (await health(node)).disk !== null, MINUTE);
    makeRoom(node);
    await eventually(async () => (await node.bus.request(GetDownload, { id })).state === 'completed', MINUTE);
  },
  TEST_LIMIT_MS,
);
