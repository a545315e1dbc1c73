// Real: nats-server, the gateway with its HTTP server. The indexer, p2p-node and transfer are stand-ins of the test.
import type { SearchHit } from '@allibrary/contracts';
import { type TempFolder, type TestNats, eventually, startNats, tempFolder } from '@allibrary/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestGateway, openTestGateway } from '../testing/test-gateway.ts';
import { type ReceivedEvent, readEvents } from '../testing/read-events.ts';
import { PEER_IDS } from '../testing/stand-in-services.ts';

const [PEER_A, PEER_B] = PEER_IDS;
const hit = (letter: string): SearchHit => ({
  documentId: `bafkrei${letter.repeat(52)}`,
  name: `${letter}.txt`,
  sizeBytes: 10,
  mediaType: 'text/plain',
  title: `Of ${letter}`,
  creators: ['Ann Reed'],
  year: 1998,
  language: 'en',
  typos: 0,
  snippet: `about ${letter}`,
  highlights: [{ at: 6, length: 1 }],
  place: { page: 2, chapter: null },
  score: 1,
});

let nats: TestNats;
let folder: TempFolder;
let gateway: TestGateway;
beforeAll(async () => {
  [nats, folder] = await Promise.all([startNats(), tempFolder()]);
  gateway = await openTestGateway({ nats, dataDir: folder.path });
});
beforeEach(() => {
  gateway.world.questions = [];
  gateway.world.heldLookups = [];
  gateway.world.documents = [];
  gateway.world.hits = [hit('a')];
  gateway.world.remarks = { suggestion: null, facets: null };
  gateway.world.staysSilent = false;
  gateway.world.peerAnswers = [
    { kind: 'asked', peers: 3 },
    { kind: 'answered', peerId: PEER_A, hits: [hit('a'), hit('b')] },
    { kind: 'failed', peerId: PEER_IDS[2], reason: 'silent' },
    { kind: 'answered', peerId: PEER_B, hits: [hit('b')] },
  ];
});
afterAll(async () => {
  await gateway.stop();
  await nats.stop();
  await folder.remove();
});

const found = (letter: string, local: boolean, peerIds: string[]) => {
  const { score: _, typos: __, ...document } = hit(letter);
  return { ...document, local, sources: peerIds.map((peerId) => ({ peerId })) };
};
interface Found {
  readonly results: readonly { readonly name: string }[];
}
const search = async (query: string): Promise<Found> =>
  (await (await gateway.ask(`/api/v1/search?${query}`)).json()) as Found;
const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
const everything = [found('b', false, [PEER_A, PEER_B]), found('a', true, [PEER_A])];

test('hits of this node and of its peers are one list, with the sources of each', async () => {
  const answer = await search('q=%20words%20&limit=7');
  expect(answer).toMatchObject({ coverage: { asked: 3, answered: 2 }, unavailable: [] });
  expect(answer.results.toSorted(byName)).toEqual(everything.toSorted(byName));
  expect(gateway.world.questions).toMatchObject([{ text: 'words', limit: 7, publicOnly: false }]);
});

test('a local search asks no peer', async () => {
  expect(await search('q=x&scope=local')).toEqual({
    results: [found('a', true, [])],
    suggestion: null,
    facets: null,
    coverage: { asked: 0, answered: 0 },
    unavailable: [],
  });
});

test('filters, order and facets are asked for as the query says', async () => {
  const filters = 'type=application/pdf,text/plain&language=en&yearFrom=-40&yearTo=2000&minSizeBytes=1&maxSizeBytes=9';
  gateway.world.remarks = {
    suggestion: 'heron',
    facets: { mediaTypes: [], languages: [], decades: [], collections: [] },
  };
  expect(await search(`q=x&sort=title&facets=true&${filters}`)).toMatchObject(gateway.world.remarks);
  expect(gateway.world.questions).toEqual([
    {
      ...{ text: 'x', limit: 20, offset: 0, order: 'title', facets: true, publicOnly: false },
      filters: {
        mediaTypes: ['application/pdf', 'text/plain'],
        languages: ['en'],
        collections: [],
        ...{ yearFrom: -40, yearTo: 2_000, minSizeBytes: 1, maxSizeBytes: 9 },
      },
    },
  ]);
});

test('a search of a collection, and of a page, asks no peer', async () => {
  expect(await search('q=x&collection=maps,prints')).toMatchObject({ coverage: { asked: 0 } });
  expect(await search('q=x&scope=local&offset=40')).toMatchObject({ coverage: { asked: 0 } });
  expect(gateway.world.questions).toMatchObject([{ filters: { collections: ['maps', 'prints'] } }, { offset: 40 }]);
});

test.each([
  [`q=${'x'.repeat(513)}`, 'must have at most 512 characters'],
  ['q=x&language=English', 'must be an ISO 639 code such as en'],
  ['q=x&sort=best', 'sort'],
  ['q=x&offset=20', 'needs scope=local'],
  ['q=x&scope=network&collection=maps', 'needs another scope'],
  ['q=x&yearFrom=soon', 'yearFrom'],
  ['q=x&type=pdf', 'must be a media type such as application/pdf'],
])('%.40s is a clear error', async (query, said) => {
  const response = await gateway.ask(`/api/v1/search?${query}`);
  expect(response.status).toBe(400);
  expect(await response.text()).toContain(said);
});

test('a search of the network knows what this node holds, and does not ask its index', async () => {
  const { documentId, name, sizeBytes, mediaType } = hit('b');
  gateway.world.documents = [
    {
      ...{ documentId, name, sizeBytes, mediaType },
      sha256: '0'.repeat(64),
      locations: [{ collection: 'library', path: 'b.txt' }],
      isPublic: true,
      addedAtMs: 1,
    },
  ];
  const { results } = await search('q=x&scope=network');
  expect(results.toSorted(byName)).toEqual([found('a', false, [PEER_A]), found('b', true, [PEER_A, PEER_B])]);
  expect(gateway.world.questions).toEqual([]);
});

test('the documents that peers name are looked up in lists, each once', async () => {
  const letters = ['a', 'b', 'c', 'd', 'e', 'f'];
  const answers = [PEER_A, PEER_B].map((peerId) => ({ kind: 'answered' as const, peerId, hits: letters.map(hit) }));
  gateway.world.peerAnswers = [{ kind: 'asked', peers: 2 }, ...answers];
  await search('q=x&scope=network');
  expect(gateway.world.heldLookups.flat()).toEqual(letters.map((letter) => hit(letter).documentId));
  expect(gateway.world.heldLookups.length).toBeLessThanOrEqual(answers.length);
});

test('peers that stay silent are not waited for without end', async () => {
  gateway.world.peerAnswers = [
    { kind: 'asked', peers: 2 },
    { kind: 'answered', peerId: PEER_A, hits: [] },
  ];
  gateway.world.staysSilent = true;
  expect(await search('q=x')).toMatchObject({ coverage: { asked: 2, answered: 1 }, results: [{ local: true }] });
});

test('the stream shows results while peers are still silent, and ends with done', async () => {
  gateway.world.staysSilent = true;
  gateway.world.peerAnswers = [{ kind: 'asked', peers: 2 }, ...gateway.world.peerAnswers.slice(1, 2)];
  const leave = new AbortController();
  const early = await gateway.ask('/api/v1/search/stream?q=x', { signal: leave.signal });
  for await (const { type, data } of readEvents(early)) {
    if (type === 'results' && (data as { results: unknown[] }).results.length === 2) break;
  }
  leave.abort();

  gateway.world.staysSilent = false;
  const events: ReceivedEvent[] = [];
  for await (const event of readEvents(await gateway.ask('/api/v1/search/stream?q=x'))) events.push(event);
  expect(events.at(-1)).toEqual({ type: 'done', data: {} });
  expect(events.findLast(({ type }) => type === 'coverage')?.data).toEqual({ asked: 2, answered: 1, unavailable: [] });
  expect(events.findLast(({ type }) => type === 'results')?.data).toMatchObject({
    results: [{ name: 'a.txt' }, { name: 'b.txt' }],
  });
});

test('a stream that nobody can answer ends with the reason', async () => {
  const bare = await startNats();
  const empty = await openTestGateway({ nats: bare, dataDir: folder.path, services: [] });
  try {
    const events: ReceivedEvent[] = [];
    for await (const event of readEvents(await empty.ask('/api/v1/search/stream?q=x'))) events.push(event);
    expect(events.at(-1)).toMatchObject({ type: 'failed', data: { error: { code: 'unavailable' } } });
  } finally {
    await empty.stop();
    await bare.stop();
  }
});

test('a network part that hangs is named, not passed off as nobody asked', async () => {
  gateway.world.peerAnswers = [];
  gateway.world.staysSilent = true;
  const answer = await (await gateway.ask('/api/v1/search?q=x')).json();
  expect(answer).toMatchObject({ coverage: { asked: 0, answered: 0 }, unavailable: ['network'] });
  expect((await gateway.ask('/api/v1/search?q=x&scope=network')).status).toBe(503);
});

test('a part that is away is named beside the results of the other', async () => {
  const bare = await startNats();
  const half = await openTestGateway({ nats: bare, dataDir: folder.path, services: ['indexer'] });
  try {
    half.world.hits = [hit('a')];
    const answer = await eventually(async () => (await half.ask('/api/v1/search?q=x')).json());
    expect(answer).toMatchObject({ results: [{ name: 'a.txt', local: true }], unavailable: ['network'] });
  } finally {
    await half.stop();
    await bare.stop();
  }
});
