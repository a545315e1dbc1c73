// Real: p2p-node's whole module with its nats-server, another whole node and a libp2p host, all over loopback. Stand in:
// transfer (it echoes the streams of peers) and indexer.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { FindSources, GetNetworkStatus, ListPeers, PIECES_PROTOCOL, SearchPeers } from '@allibrary/contracts';
import { RequestFailure } from '@allibrary/messaging';
import { eventually } from '@allibrary/testing';
import { multiaddr } from '@multiformats/multiaddr';
import { afterEach, expect, test } from 'vitest';
import { ask } from '../protocols/exchange.ts';
import { HAVE, SEARCH } from '../protocols/library-protocols.ts';
import { documentNamed } from '../testing/dht.ts';
import { type TestHost, nameAddresses, removeTestHost, startTestHost } from '../testing/hosts.ts';
import { type P2pNode, startP2pNode } from '../testing/p2p-fixture.ts';

const RESTARTS = 20;
const SLOW = { timeoutMs: 30_000 };
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function start(bootstrap: readonly string[] = []): Promise<P2pNode> {
  const node = await startP2pNode(bootstrap, {
    onPeerStream: (call) => {
      call.accept();
      call.stream.pipe(call.stream);
    },
  });
  cleanUps.push(() => node.stop());
  return node;
}

async function startClient(): Promise<TestHost> {
  const client = await startTestHost();
  cleanUps.push(() => removeTestHost(client));
  return client;
}

/** What a peer asked of the node, and what became of it. */
class Traffic {
  readonly counts = { have: 0, search: 0, pieces: 0, requests: 0, refused: 0 };
  readonly problems: unknown[] = [];
  #isOver = false;
  readonly #running: Promise<unknown>;

  constructor(
    private readonly node: P2pNode,
    private readonly client: TestHost,
    private readonly address: string,
  ) {
    nameAddresses(client.host, [multiaddr(address)]);
    const peers = [this.#asks('have'), this.#asks('search'), this.#asks('pieces')];
    this.#running = Promise.all([...peers, this.#requests(), this.#streams()]);
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }

  /** A peer may lose any question to a restart, and asks again. */
  async #asks(kind: 'have' | 'search' | 'pieces'): Promise<void> {
    while (!this.#isOver) {
      const isAnswered = await this.#ask(kind).then(
        () => true,
        () => false,
      );
      if (isAnswered) this.counts[kind] += 1;
      await new Promise((resume) => setTimeout(resume, 20));
    }
  }

  async #ask(kind: 'have' | 'search' | 'pieces'): Promise<void> {
    const signal = AbortSignal.timeout(2_000);
    const protocol = { have: HAVE.protocol, search: SEARCH.protocol, pieces: PIECES_PROTOCOL }[kind];
    const stream = await this.client.host.dialProtocol(multiaddr(this.address), protocol, { signal });
    if (kind === 'have') await ask(stream, HAVE, { documentIds: [documentNamed('a').documentId] }, signal);
    else if (kind === 'search') await ask(stream, SEARCH, { text: 'whales', limit: 1 }, signal);
    else {
      const echoed = once(stream as never, 'message', { signal });
      stream.send(Buffer.alloc(60_000, 1));
      await echoed;
      await stream.close({ signal });
    }
  }

  /** A request is answered, or fails with the code for trying again. */
  async #requests(): Promise<void> {
    while (!this.#isOver) await this.#request(() => this.node.bus.request(GetNetworkStatus, {}));
  }

  async #streams(): Promise<void> {
    const { documentId } = documentNamed('nobody has it');
    const exhaust = async (replies: AsyncIterable<unknown>) => {
      for await (const _ of replies);
    };
    while (!this.#isOver) {
      await this.#request(() => exhaust(this.node.bus.requestMany(SearchPeers, { text: 'whales' })));
      await this.#request(() => exhaust(this.node.bus.requestMany(FindSources, { documentId })));
    }
  }

  async #request(send: () => Promise<unknown>): Promise<void> {
    try {
      await send();
      this.counts.requests += 1;
    } catch (error) {
      if (error instanceof RequestFailure && error.code === 'unavailable') this.counts.refused += 1;
      else this.problems.push(error);
    }
  }
}

const seriesOf = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('allibrary_'))
    .map((line) => line.replace(/ \S+$/, ''))
    .toSorted();

function resources(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const each of process.getActiveResourcesInfo()) counts[each] = (counts[each] ?? 0) + 1;
  return counts;
}

const areConnected = async (node: P2pNode, peerId: string): Promise<boolean> =>
  (await node.bus.request(ListPeers, {})).items.some((peer) => peer.peerId === peerId);

test('the network is closed and started 20 times under traffic: nothing of it is left, and peers come back', {
  timeout: 300_000,
}, async () => {
  const own = await start();
  const address = await own.address();
  const other = await start([address]);
  const [{ peerId }, { peerId: otherId }] = [await own.status(), await other.status()];
  const client = await startClient();
  await eventually(() => areConnected(own, otherId), SLOW);
  await own.share(documentNamed('shared before').documentId); // its metrics appear with the first event
  await eventually(async () => (await own.status()).announcedDocuments === 1, SLOW);
  const [before, seriesBefore] = [resources(), seriesOf(await own.metrics())];
  expect(new Set(seriesBefore).size).toBe(seriesBefore.length);

  const traffic = new Traffic(own, client, address);
  for (let n = 0; n < RESTARTS; n++) {
    const seen = { ...traffic.counts };
    const restarting = own.network.restart();
    await own.share(documentNamed(`shared during restart ${n}`).documentId);
    await restarting;
    await eventually(
      () => (['have', 'search', 'pieces', 'requests'] as const).every((each) => traffic.counts[each] > seen[each]),
      SLOW,
    );
  }
  await traffic.end();
  expect(traffic.problems).toEqual([]);

  expect((await own.status()).peerId).toBe(peerId);
  await eventually(() => areConnected(own, otherId), SLOW);
  await eventually(async () => {
    const { announcedDocuments, waitingDocuments } = await own.status();
    return announcedDocuments + waitingDocuments === RESTARTS + 1;
  }, SLOW);
  expect(seriesOf(await own.metrics())).toEqual(seriesBefore);
  await client.host.stop();
  await eventually(() => expect(surplus(before, resources())).toEqual([]) ?? true, SLOW);
});

/** Kinds of resources of which there are more than before. One that every restart leaves would show as 20. */
function surplus(before: Record<string, number>, after: Record<string, number>): string[] {
  const kinds = Object.keys(after).filter((kind) => (after[kind] ?? 0) - (before[kind] ?? 0) >= RESTARTS / 4);
  return kinds.map((kind) => `${kind}: ${before[kind] ?? 0} before, ${after[kind]} after`);
}

test('a network that is closed leaves no listener, and requests get the error that says to try again', async () => {
  const own = await start();
  const port = Number(/tcp\/(\d+)/.exec(await own.address())?.[1]);
  await own.network.close();
  await expect(own.status()).rejects.toMatchObject({ code: 'unavailable' });
  for (const each of [port, own.carrierPort])
    await expect(once(connect(each, '127.0.0.1'), 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('a start that fails closes what it had opened, and the network that ran before can be started again', async () => {
  const own = await start();
  const profile = own.network.running?.profile;
  if (!profile) throw new Error('no network runs');
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  cleanUps.push(() => taken.close());
  const { port } = taken.address() as { port: number };
  await expect(own.network.replace({ ...profile, listen: { ...profile.listen, port } })).rejects.toThrow('in use');
  expect(own.network.running).toBeUndefined();
  await own.network.replace(profile);
  expect((await own.status()).multiaddrs).toHaveLength(1);
});
