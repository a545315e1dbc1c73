/** Real: nats-server, p2p-node's whole module, libp2p over loopback. Stands in: transfer and indexer, where a test says so. */
import { type CarrierListener, type IncomingCall, listenCarrier } from '@allibrary/carrier';
import {
  DocumentAdded,
  DocumentRemoved,
  GetNetworkStatus,
  type NetworkStatus,
  PeersSettings,
  type SearchHit,
  type LibraryAnswer,
  SearchLibrary,
  type SearchRequest,
} from '@allibrary/contracts';
import { Bus, JetStreamTransport, OnRequest, Settings, serveSettings } from '@allibrary/messaging';
import { Logger, startService } from '@allibrary/platform';
import { TestSettings, freePort, startNats, tempFolder } from '@allibrary/testing';
import { Controller } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { z } from 'zod';
import { CurrentNetwork } from '../network/current-network.ts';
import { p2pNodeConfig } from '../p2p-node.config.ts';
import { p2pNodeService } from '../p2p-node.module.ts';

const TOKEN = 'a-token-of-the-test-kit';

/** One p2p-node with its own bus. */
export interface P2pNode {
  readonly bus: Bus;
  readonly token: string;
  /** Where transfer asks for streams to peers. */
  readonly carrierPort: number;
  /** The network inside the service. */
  readonly network: CurrentNetwork;
  /** All metrics in Prometheus' text format. */
  metrics(): Promise<string>;
  status(): Promise<NetworkStatus>;
  address(): Promise<string>;
  /** Publishes that a document is shared. */
  share(documentId: string): Promise<void>;
  /** Publishes that a document is no longer shared. */
  unshare(documentId: string): Promise<void>;
  /** Writes the owner's settings for peers. */
  want(settings: z.input<(typeof PeersSettings)['schema']>): Promise<void>;
  /** A metric's value. */
  metric(name: string, labels?: string): Promise<number>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** What stands in for the services behind this node. */
export interface StandIns {
  /** The index's hits. */
  readonly search?: (request: SearchRequest) => SearchHit[];
  /** Takes the streams of peers. */
  readonly onPeerStream?: (call: IncomingCall) => void | Promise<void>;
}

/** Starts a node, bootstrapped from the given addresses. */
export async function startP2pNode(bootstrap: readonly string[] = [], standIns: StandIns = {}): Promise<P2pNode> {
  const folder = await tempFolder();
  const nats = await startNats();
  const bus = await Bus.connect({ servers: nats.url, token: nats.token, name: 'test' });
  const endSettings = await serveSettings(bus, new TestSettings());
  const index = await serveIndex(
    await Bus.connect({ servers: nats.url, token: nats.token, name: 'indexer' }),
    standIns,
  );
  const transfer: CarrierListener = await listenCarrier({
    host: '127.0.0.1',
    port: 0,
    token: TOKEN,
    onCall: standIns.onPeerStream ?? ((call) => call.refuse('nobody is here')),
  });
  const carrierPort = await freePort();
  const config = p2pNodeConfig.parse({
    ALLIBRARY_NATS_URL: nats.url,
    ALLIBRARY_NATS_TOKEN: nats.token,
    ALLIBRARY_DATA: folder.path,
    ALLIBRARY_P2P_HOST: '127.0.0.1',
    ALLIBRARY_P2P_PORT: String(await freePort()),
    ALLIBRARY_BOOTSTRAP: bootstrap.join(','),
    ALLIBRARY_CARRIER_TOKEN: TOKEN,
    ALLIBRARY_P2P_CARRIER: `127.0.0.1:${carrierPort}`,
    ALLIBRARY_TRANSFER_CARRIER: `127.0.0.1:${transfer.port}`,
  });
  const launch = () => startService(p2pNodeService, config, quiet);
  let service = await launch();
  const status = () => bus.request(GetNetworkStatus, {});
  const metrics = async () => (await fetch(`${service.httpUrl}/metrics`)).text();
  return {
    bus,
    token: TOKEN,
    carrierPort,
    get network() {
      return service.app.get(CurrentNetwork);
    },
    metrics,
    status,
    address: async () => (await status()).multiaddrs[0] ?? '',
    share: (documentId) => bus.publish(DocumentAdded, { ...SOME_DOCUMENT, documentId, changedAtMs: Date.now() }),
    unshare: (documentId) => bus.publish(DocumentRemoved, { documentId, changedAtMs: Date.now() }),
    want: async (settings) => {
      await new Settings(bus).write(PeersSettings, settings);
    },
    metric: async (name, labels = '') => {
      const line = (await metrics()).split('\n').find((each) => each.startsWith(name) && each.includes(labels));
      return Number(line?.split(' ').at(-1));
    },
    restart: async () => {
      await service.stop();
      service = await launch();
    },
    stop: async () => {
      await service.stop();
      await index();
      await endSettings();
      await transfer.close();
      await bus.close();
      await nats.stop();
      await folder.remove();
    },
  };
}

const quiet = new Logger({ service: 'p2p-node', level: process.env['ALLIBRARY_TEST_LOG'] ?? 'silent' });

const SOME_DOCUMENT = {
  name: 'some.pdf',
  sizeBytes: 1,
  mediaType: 'application/pdf',
  sha256: '0'.repeat(64),
  locations: [{ collection: 'library', path: 'some.pdf' }],
  isPublic: true,
  addedAtMs: 1,
};

async function serveIndex(bus: Bus, { search = () => [] }: StandIns): Promise<() => Promise<void>> {
  @Controller()
  class Index {
    @OnRequest(SearchLibrary)
    search(request: SearchRequest): LibraryAnswer {
      const hits = search(request);
      return { hits, suggestion: null, facets: null, total: { documents: hits.length, isAtLeast: false } };
    }
  }
  const strategy = new JetStreamTransport({ bus, service: 'indexer' });
  const app = await NestFactory.createMicroservice(
    { module: class IndexModule {}, controllers: [Index] },
    { strategy, logger: false },
  );
  await app.listen();
  return async () => {
    await app.close();
    await bus.close();
  };
}
