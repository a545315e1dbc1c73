// Real: p2p-node's whole module with its nats-server as the server, a libp2p host with this program's client over loopback.
// Stand in: transfer, indexer.
import { SearchFilters, type SearchRequest } from '@allibrary/contracts';
import { eventually } from '@allibrary/testing';
import { multiaddr } from '@multiformats/multiaddr';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PacedQuestions } from '../protocols/paced-questions.ts';
import { documentNamed } from '../testing/dht.ts';
import { type TestHost, nameAddresses, removeTestHost, startTestHost } from '../testing/hosts.ts';
import { type P2pNode, startP2pNode } from '../testing/p2p-fixture.ts';
import { LibraryPeers } from './library-peers.ts';

const never = new AbortController().signal;
let server: P2pNode;
let client: TestHost;
let refusals: string[];
let libraries: LibraryPeers;

beforeEach(async () => {
  [server, client, refusals] = [await startP2pNode(), await startTestHost(), []];
  const address = multiaddr(await server.address());
  nameAddresses(client.host, [address]);
  const { remotePeer } = await client.host.dial(address);
  await eventually(async () => (await client.host.peerStore.get(remotePeer)).protocols.length > 3);
  const questions = new PacedQuestions(
    () => performance.now(),
    (_, protocol) => refusals.push(protocol),
  );
  libraries = new LibraryPeers(client.host, questions, () => {});
});
afterEach(async () => {
  await removeTestHost(client);
  await server.stop();
});

const REQUEST = { text: 'okapi', limit: 10, order: 'relevance', filters: SearchFilters.parse({}) } as SearchRequest;

async function search(): Promise<string[]> {
  const kinds: string[] = [];
  for await (const { kind } of libraries.search(REQUEST, never)) kinds.push(kind);
  return kinds;
}

async function holdersOf(name: string): Promise<string[]> {
  const holders: string[] = [];
  for await (const peerId of libraries.holding({ documentId: documentNamed(name).documentId, soon: [] }, never))
    holders.push(peerId);
  return holders;
}

test('a node that sends many searches and lookups at once reaches no limit of its peer', {
  timeout: 60_000,
}, async () => {
  const searches = Array.from({ length: 120 }, search);
  const lookUps = Array.from({ length: 120 }, (_, index) => holdersOf(`document ${index}`));
  expect(await Promise.all(searches)).toEqual(searches.map(() => ['asked', 'answered']));
  expect(await Promise.all(lookUps)).toEqual(lookUps.map(() => []));
  expect(refusals).toEqual([]);
  for (const kind of ['search', 'have'])
    expect(await server.metric('allibrary_peer_questions_total', `kind="${kind}",result="busy"`)).toBe(0);
  for (const kind of ['too-fast', 'too-many-streams', 'violation'])
    expect(await server.metric('allibrary_peer_offences_total', kind)).toBe(0);
});
