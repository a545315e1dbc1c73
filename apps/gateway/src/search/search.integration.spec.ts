// Real: nats-server, the gateway with its HTTP server. The indexer, p2p-node and transfer are stand-ins of the test.
import type { SearchHit } from '@allibrary/contracts';
import { eventually } from '@allibrary/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestGateway, startTestGateway } from '../testing/test-gateway.ts';
import { type ReceivedEvent, readEvents } from '../testing/read-events.ts';
import { PEER_IDS, documentIdOf } from '../testing/stand-in-services.ts';

const [PEER_A, PEER_B] = PEER_IDS;
const hit = (letter: string): SearchHit => ({
  documentId: documentIdOf(letter),
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

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
let number = 0;
beforeEach(() => {
  number += 1;
  gateway.world.questions = [];
  gateway.world.peerQuestions = [];
  gateway.world.sourceLookups = [];
  gateway.world.sources = [];
  gateway.world.total = null;
  gateway.world.heldLookups = [];
  gateway.world.documents = [];
  gateway.world.hits = [hit('a')];
  gateway.world.remarks = { suggestion: null, facets: null };
  gateway.world.staysSilent = false;
  gateway.world.peerAnswers = [
    { kind: 'asked', peerIds: PEER_IDS },
    { kind: 'answered', peerId: PEER_A, hits: [hit('a'), hit('b')], total: null },
    { kind: 'failed', peerId: PEER_IDS[2], reason: 'silent' },
    { kind: 'answered', peerId: PEER_B, hits: [hit('b')], total: null },
  ];
});
afterAll(() => gateway.stop());

const found = (letter: string, local: boolean, peerIds: string[]) => {
  const { score: _, typos: __, ...document } = hit(letter);
  return { ...document, local, sources: peerIds.map((peerId) => ({ peerId, seenAtMs: null })) };
};
interface Found {
  readonly results: readonly { readonly name: string; readonly sources: readonly { readonly peerId: string }[] }[];
  readonly coverage: { readonly cachedAtMs: number | null };
}
/** Each test asks a question of its own, because peers are not asked again so soon. */
const own = (query: string): string => query.replace(/^q=x(?=&|$)/u, `q=x${number}`);
const search = async (query: string): Promise<Found> =>
  (await (await gateway.ask(`/api/v1/search?${own(query)}`)).json()) as Found;
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
    total: { documents: 1, isAtLeast: false },
    nextOffset: null,
    coverage: { asked: 0, answered: 0, missing: [], cachedAtMs: null },
    unavailable: [],
  });
});

test('filters, order and facets are asked for as the query says', async () => {
  const filters = 'type=application/pdf,text/plain&language=en&yearFrom=-40&yearTo=2000&minSizeBytes=1&maxSizeBytes=9';
  gateway.world.remarks = {
    suggestion: 'heron',
    facets: { mediaTypes: [], languages: [], decades: [], collections: [] },
  };
  expect(await search(`q=x&sort=title&readerLanguage=de-AT&facets=true&${filters}`)).toMatchObject(
    gateway.world.remarks,
  );
  expect(gateway.world.questions).toEqual([
    {
      ...{ text: expect.any(String), limit: 20, offset: 0, order: 'title', facets: true, publicOnly: false },
      readerLanguage: 'de-AT',
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
  ['q=x&offset=901', 'offset'],
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
  const answers = [PEER_A, PEER_B].map((peerId) => ({
    kind: 'answered' as const,
    peerId,
    hits: letters.map(hit),
    total: null,
  }));
  gateway.world.peerAnswers = [{ kind: 'asked', peerIds: [PEER_A, PEER_B] }, ...answers];
  await search('q=x&scope=network');
  expect(gateway.world.heldLookups.flat()).toEqual(letters.map((letter) => hit(letter).documentId));
  expect(gateway.world.heldLookups.length).toBeLessThanOrEqual(answers.length);
});

test('peers that stay silent are not waited for without end', async () => {
  gateway.world.peerAnswers = [
    { kind: 'asked', peerIds: [PEER_A, PEER_B] },
    { kind: 'answered', peerId: PEER_A, hits: [], total: null },
  ];
  gateway.world.staysSilent = true;
  expect(await search('q=x')).toMatchObject({ coverage: { asked: 2, answered: 1 }, results: [{ local: true }] });
});

test('the stream shows results while peers are still silent, and ends with done', async () => {
  gateway.world.staysSilent = true;
  gateway.world.peerAnswers = [{ kind: 'asked', peerIds: [PEER_A, PEER_B] }, ...gateway.world.peerAnswers.slice(1, 2)];
  const leave = new AbortController();
  const early = await gateway.ask(`/api/v1/search/stream?${own('q=x')}`, { signal: leave.signal });
  for await (const { type, data } of readEvents(early)) {
    if (type === 'results' && (data as { results: unknown[] }).results.length === 2) break;
  }
  leave.abort();

  gateway.world.staysSilent = false;
  number += 1;
  const events: ReceivedEvent[] = [];
  for await (const event of readEvents(await gateway.ask(`/api/v1/search/stream?${own('q=x')}`))) events.push(event);
  expect(events.at(-1)).toEqual({ type: 'done', data: {} });
  expect(events.findLast(({ type }) => type === 'coverage')?.data).toEqual({
    ...{ asked: 2, answered: 1, cachedAtMs: null, unavailable: [] },
    missing: [{ peerId: PEER_B, reason: 'silent' }],
  });
  expect(events.findLast(({ type }) => type === 'results')?.data).toMatchObject({
    results: [{ name: 'a.txt' }, { name: 'b.txt' }],
  });
});

test('a stream that nobody can answer ends with the reason', async () => {
  const empty = await startTestGateway([]);
  try {
    const events: ReceivedEvent[] = [];
    for await (const event of readEvents(await empty.ask('/api/v1/search/stream?q=x'))) events.push(event);
    expect(events.at(-1)).toMatchObject({ type: 'failed', data: { error: { code: 'unavailable' } } });
  } finally {
    await empty.stop();
  }
});

test('a network part that hangs is named, not passed off as nobody asked', async () => {
  gateway.world.peerAnswers = [];
  gateway.world.staysSilent = true;
  const answer = await (await gateway.ask(`/api/v1/search?${own('q=x')}`)).json();
  expect(answer).toMatchObject({ coverage: { asked: 0, answered: 0 }, unavailable: ['network'] });
  expect((await gateway.ask(`/api/v1/search?${own('q=x&scope=network')}`)).status).toBe(503);
});

test('an unavailable part is named beside the results of the other', async () => {
  const half = await startTestGateway(['indexer']);
  try {
    half.world.hits = [hit('a')];
    const answer = await eventually(async () => (await half.ask('/api/v1/search?q=x')).json());
    expect(answer).toMatchObject({ results: [{ name: 'a.txt', local: true }], unavailable: ['network'] });
  } finally {
    await half.stop();
  }
});

test('sources include peers that have a document beyond their first hits', async () => {
  gateway.world.sources = [
    { peerId: PEER_IDS[2], documentIds: [hit('a').documentId], isConfirmed: false },
    { peerId: PEER_A, documentIds: ['a', 'b'].map((letter) => hit(letter).documentId), isConfirmed: true },
  ];
  const { results } = await search('q=x');
  const expected = [found('a', true, [PEER_A, PEER_IDS[2]]), found('b', false, [PEER_A, PEER_B])];
  expect(results.toSorted(byName)).toEqual(expected);
  expect(gateway.world.sourceLookups.flat().toSorted()).toEqual([hit('a').documentId, hit('b').documentId]);
});

test('a repeated question gets the previous answers of the peers, with their time', async () => {
  const first = await search('q=x');
  expect(first.coverage.cachedAtMs).toBeNull();
  gateway.world.peerAnswers = [{ kind: 'asked', peerIds: [] }];
  const again = await search('q=x');
  expect(again.coverage).toMatchObject({ asked: 3, answered: 2, cachedAtMs: expect.any(Number) });
  expect(again.results.map(({ sources }) => sources.map(({ peerId }) => peerId))).toEqual(
    first.results.map(({ sources }) => sources.map(({ peerId }) => peerId)),
  );
  expect(again.results[0]?.sources[0]).toMatchObject({ seenAtMs: expect.any(Number) });
  expect(gateway.world.peerQuestions).toHaveLength(1);
});

test('what was seen at a peer stays when it has left, marked with its time', async () => {
  await search('q=x');
  gateway.world.peerAnswers = [
    { kind: 'asked', peerIds: [PEER_B] },
    { kind: 'answered', peerId: PEER_B, hits: [], total: null },
  ];
  const { results } = await search('q=x&refresh=true');
  expect(results.toSorted(byName)).toMatchObject(
    ['a', 'b'].map((letter) => ({
      name: `${letter}.txt`,
      sources: [{ peerId: PEER_A, seenAtMs: expect.any(Number) }],
    })),
  );
});

test('the pages of a search among peers are those of one list, and peers are asked once', async () => {
  gateway.world.hits = ['a', 'c', 'd', 'e'].map(hit);
  gateway.world.total = 4;
  const all = await search('q=x&limit=100');
  const pages = [
    await search('q=x&limit=2'),
    await search('q=x&limit=2&offset=2'),
    await search('q=x&limit=2&offset=4'),
  ];
  expect(pages.flatMap(({ results }) => results.map(({ name }) => name))).toEqual(all.results.map(({ name }) => name));
  expect(all.results).toHaveLength(5);
  expect(pages).toMatchObject([{ nextOffset: 2 }, { nextOffset: 4 }, { nextOffset: null }]);
  expect(pages).toMatchObject(pages.map(() => ({ total: { documents: 5, isAtLeast: false } })));
  expect(gateway.world.peerQuestions).toHaveLength(1);
});
