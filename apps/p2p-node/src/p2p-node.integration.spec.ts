// Real: nats-server, p2p-node's whole module, libp2p over loopback, carrier sockets. Stands in: transfer and indexer.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { callCarrier } from '@allibrary/carrier';
import {
  ConnectPeer,
  FindSources,
  ListPeers,
  ListSources,
  NetworkChanged,
  type PeerAnswer,
  type SearchRequest,
  PIECES_PROTOCOL,
  SearchPeers,
} from '@allibrary/contracts';
import { eventually } from '@allibrary/testing';
import { identify } from '@libp2p/identify';
import { tcp } from '@libp2p/tcp';
import { tls } from '@libp2p/tls';
import { yamux } from '@chainsafe/libp2p-yamux';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { afterEach, describe, expect, test } from 'vitest';
import { SEARCH } from './protocols/library-protocols.ts';
import { documentNamed } from './testing/dht.ts';
import { type P2pNode, type StandIns, startP2pNode } from './testing/p2p-fixture.ts';

const DOCUMENT = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi';
const HIT = {
  documentId: DOCUMENT,
  name: 'whales.pdf',
  sizeBytes: 9,
  mediaType: 'application/pdf',
  title: null,
  creators: [],
  year: null,
  language: null,
  typos: 0,
  snippet: 'of whales',
  highlights: [],
  place: null,
  score: 1,
};
const OTHER_DOCUMENT = 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy';
const NOBODY = '12D3KooWNdo99M3qz7mVgCsn89Uh9V2xztpViKtdvMZ7Dv1fsexq';
const cleanUps: (() => unknown)[] = [];

async function start(bootstrap: P2pNode[] = [], standIns: StandIns = {}): Promise<P2pNode> {
  const addresses = await Promise.all(bootstrap.map((node) => node.address()));
  const node = await startP2pNode(addresses, standIns);
  cleanUps.push(() => node.stop());
  return node;
}

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const libraryPeers = async (node: P2pNode): Promise<number> =>
  (await node.bus.request(ListPeers, {})).items.filter(({ isLibrary }) => isLibrary).length;
const meets = (node: P2pNode, count: number) =>
  eventually(async () => (await libraryPeers(node)) >= count, { timeoutMs: 20_000 });

async function collect<T>(replies: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const reply of replies) all.push(reply);
  return all;
}

const search = (node: P2pNode, filters?: { mediaTypes: string[] }): Promise<PeerAnswer[]> =>
  collect(node.bus.requestMany(SearchPeers, { text: 'whales', order: 'title', filters }));
const sources = async (node: P2pNode, documentId = DOCUMENT): Promise<string[]> =>
  (await collect(node.bus.requestMany(FindSources, { documentId }))).map(({ peerId }) => peerId);

describe('nodes', () => {
  test('meet by bootstrap, encrypted by TLS, and name their peers', async () => {
    const a = await start();
    const b = await start([a]);
    await meets(b, 1);
    const [peer] = (await b.bus.request(ListPeers, {})).items;
    expect(peer).toMatchObject({ peerId: (await a.status()).peerId, direction: 'outbound', isLibrary: true });
    expect(peer?.agent).toMatch(/^allibrary-seedbox\//);
    expect(await b.status()).toMatchObject({ connected: true, method: 'direct', peers: 1 });
  });

  test('meet by hand, and say what is wrong with an address', async () => {
    const [a, b] = [await start(), await start()];
    await b.bus.request(ConnectPeer, { multiaddr: await a.address() });
    await meets(a, 1);
    await expect(b.bus.request(ConnectPeer, { multiaddr: 'nonsense' })).rejects.toMatchObject({ code: 'invalid' });
    const gone = (await a.address()).replace(/tcp\/\d+/, 'tcp/1');
    await a.stop();
    cleanUps.shift();
    await expect(b.bus.request(ConnectPeer, { multiaddr: gone })).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('come back to each other after either was restarted, with the same identity', async () => {
    const a = await start();
    const b = await start([a]);
    await meets(b, 1);
    const before = await a.status();
    await a.restart();
    expect((await a.status()).peerId).toBe(before.peerId);
    await meets(a, 1);
    await b.restart();
    await meets(a, 1);
  });
});

test('a node tells when its network changes', async () => {
  const a = await start();
  const seen: number[] = [];
  const stop = new AbortController();
  cleanUps.push(() => stop.abort());
  const watching = (async () => {
    for await (const { peers } of a.bus.watch(NetworkChanged, stop.signal)) seen.push(peers);
  })();
  const b = await start([a]);
  await eventually(() => seen.at(-1) === 1);
  await b.stop();
  cleanUps.pop();
  await eventually(() => seen.at(-1) === 0);
  stop.abort();
  await watching;
});

test('the sources of many documents are looked for at once', async () => {
  const a = await start();
  const b = await start([a]);
  const c = await start([a, b]);
  await meets(c, 2);
  for (const node of [a, b]) await node.share(DOCUMENT);
  const others = Array.from({ length: 40 }, (_, n) => documentNamed(`held by nobody ${n}`).documentId);
  const documentIds = [...others, DOCUMENT];
  const holders = async () => {
    const found = await collect(c.bus.requestMany(ListSources, { documentIds }));
    expect(found.flatMap((each) => each.documentIds).every((id) => id === DOCUMENT)).toBe(true);
    return [...new Set(found.map(({ peerId }) => peerId))].toSorted();
  };
  const expected = [(await a.status()).peerId, (await b.status()).peerId].toSorted();
  await eventually(async () => expect(await holders()).toEqual(expected), { timeoutMs: 20_000 });
});

describe('a search among peers', () => {
  test('says how many are asked, and what each answers', async () => {
    const a = await start([], { search: ({ text }) => (text === 'whales' ? [HIT] : []) });
    const b = await start([a]);
    await meets(b, 1);
    const { peerId } = await a.status();
    expect(await search(b)).toEqual([
      { kind: 'asked', peerIds: [peerId] },
      { kind: 'answered', peerId, hits: [HIT], total: { documents: 1, isAtLeast: false } },
    ]);
  });

  test('asks for some documents only, and takes no others', async () => {
    const asked: SearchRequest[] = [];
    const a = await start([], {
      search: (request) => {
        asked.push(request);
        return [HIT, { ...HIT, mediaType: 'text/plain', name: 'whales.txt' }];
      },
    });
    const b = await start([a]);
    await meets(b, 1);
    expect((await search(b, { mediaTypes: ['text/plain'] })).at(-1)).toMatchObject({ hits: [{ name: 'whales.txt' }] });
    expect(asked).toMatchObject([{ order: 'title', filters: { mediaTypes: ['text/plain'], yearFrom: null } }]);
  });

  test('goes on when a peer answers nonsense', async () => {
    const a = await start([], { search: () => [HIT] });
    const b = await start([a]);
    await meets(b, 1);
    const liar = await createLibp2p({
      transports: [tcp()],
      connectionEncrypters: [tls()],
      streamMuxers: [yamux()],
      services: { identify: identify() },
    });
    cleanUps.push(() => liar.stop());
    await liar.handle(SEARCH.protocol, (stream) => void stream.send(randomBytes(4_000)));
    await liar.dial(multiaddr(await b.address()));
    await meets(b, 2);
    const answers = await search(b);
    expect(answers.map(({ kind }) => kind).toSorted()).toEqual(['answered', 'asked', 'failed']);
  });

  test('is refused to a peer that asks too long a question, and goes on for others', async () => {
    const a = await start([], { search: () => [HIT] });
    const b = await start([a]);
    await meets(b, 1);
    const stranger = await createLibp2p({
      transports: [tcp()],
      connectionEncrypters: [tls()],
      streamMuxers: [yamux()],
    });
    cleanUps.push(() => stranger.stop());
    const stream = await stranger.dialProtocol(multiaddr(await a.address()), SEARCH.protocol);
    const closed = once(stream as never, 'close');
    stream.send(Buffer.concat([Buffer.from([0xff, 0xff, 0x7f]), randomBytes(60_000)]));
    await closed;
    expect((await search(b)).at(-1)?.kind).toBe('answered');
  });

  test('goes on while the port is fed random bytes', async () => {
    const a = await start([], { search: () => [HIT] });
    const b = await start([a]);
    await meets(b, 1);
    const port = Number(/tcp\/(\d+)/.exec(await a.address())?.[1]);
    const strangers = Array.from({ length: 20 }, () => connect(port, '127.0.0.1'));
    cleanUps.push(() => strangers.forEach((socket) => socket.destroy()));
    for (const socket of strangers) socket.on('error', () => {}).write(randomBytes(5_000));
    expect((await search(b)).at(-1)?.kind).toBe('answered');
  });
});

describe('sources of a document', () => {
  test('are found among connected peers as soon as it is shared', async () => {
    const a = await start();
    const b = await start([a]);
    await meets(b, 1);
    expect(await sources(b)).toEqual([]);
    await a.share(DOCUMENT);
    await eventually(async () => (await sources(b)).length === 1);
    expect(await sources(b)).toEqual([(await a.status()).peerId]);
    expect(await sources(a)).toEqual([]);
  });

  test('follow what is added and removed, and are announced when a peer is there to be told', async () => {
    const a = await start();
    for (const documentId of [DOCUMENT, OTHER_DOCUMENT]) await a.share(documentId);
    await eventually(async () => (await a.status()).waitingDocuments === 2);
    const b = await start([a]);
    await meets(b, 1);
    await eventually(async () => (await a.status()).announcedDocuments === 2, { timeoutMs: 5_000 });
    await a.unshare(DOCUMENT);
    await eventually(async () => (await a.status()).announcedDocuments === 1);
    const { peerId } = await a.status();
    expect(await sources(b, OTHER_DOCUMENT)).toEqual([peerId]);
    await a.share(DOCUMENT);
    await eventually(async () => (await a.status()).announcedDocuments === 2);
    expect(await sources(b)).toEqual([peerId]);
  });

  test('are found on the DHT through a node that knows both', async () => {
    const middle = await start();
    const [a, b] = [await start([middle]), await start([middle])];
    await meets(middle, 2);
    await a.share(DOCUMENT);
    await eventually(async () => (await sources(b)).includes((await a.status()).peerId), { timeoutMs: 30_000 });
    await eventually(async () => (await a.status()).waitingDocuments === 0);
  });
});

describe('a byte-stream', () => {
  const open = async (node: P2pNode, peerId: string): Promise<Socket> =>
    callCarrier({
      host: '127.0.0.1',
      port: node.carrierPort,
      token: node.token,
      header: { kind: 'peer', peerId, protocol: PIECES_PROTOCOL },
      timeoutMs: 5_000,
    });

  test('reaches the transfer of a peer and comes back, 32 MiB and bit-identical, to a slow reader', async () => {
    const echo: StandIns = { onPeerStream: (call) => (call.accept(), void call.stream.pipe(call.stream)) };
    const a = await start([], echo);
    const b = await start([a]);
    await meets(b, 1);
    const socket = await open(b, (await a.status()).peerId);
    const sent = randomBytes(32 * 1_048_576);
    socket.end(sent);
    const received: Buffer[] = [];
    let paused = 0;
    for await (const chunk of socket) {
      received.push(chunk as Buffer);
      if (paused++ < 50) await new Promise((resume) => setImmediate(resume));
    }
    expect(Buffer.concat(received).equals(sent)).toBe(true);
  });

  test('ends on one side when the other side breaks', async () => {
    const streams: Socket[] = [];
    const a = await start([], { onPeerStream: (call) => (call.accept(), void streams.push(call.stream)) });
    const b = await start([a]);
    await meets(b, 1);
    const socket = await open(b, (await a.status()).peerId);
    const ended = once(socket.resume(), 'end');
    (await eventually(() => streams[0])).destroy();
    await ended;
  });

  test('is refused with the reason when the peer is not to be had, or has no transfer', async () => {
    const a = await start();
    const b = await start([a]);
    await meets(b, 1);
    await expect(open(b, NOBODY)).rejects.toThrow("can't be reached");
    const socket = await open(b, (await a.status()).peerId);
    await expect(once(socket.resume(), 'end')).rejects.toThrow('ECONNRESET');
  });
});
