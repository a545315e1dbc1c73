/** Real: nats-server, transfer's whole module, files, carrier connections. Stands in: p2p-node, by a splice of sockets. */
import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Duplex } from 'node:stream';
import { type CarrierListener, callCarrier, listenCarrier } from '@allibrary/carrier';
import { FileFound, FindSources, PIECES_PROTOCOL } from '@allibrary/contracts';
import { Bus, JetStreamTransport, OnRequestMany } from '@allibrary/messaging';
import { Logger, type RunningService, startService } from '@allibrary/platform';
import { type TempFolder, type TestNats, eventually, freePort, startNats, tempFolder } from '@allibrary/testing';
import { Controller, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { onTestFinished } from 'vitest';
import { transferConfig } from '../transfer.config.ts';
import { transferService } from '../transfer.module.ts';

/** What transfer and the carriers of a test know each other by. */
export const CARRIER_TOKEN = 'a-token-of-the-test-kit';

/** What stands at the other end when this node calls a peer. */
export type PeerBehaviour = (stream: Duplex) => void | Promise<void>;

/** What a node can lose: a database of transfer, or the store of the bus. */
export type Loss = 'transfer' | 'desired-state' | 'bus';

/** One transfer with its own bus and library. */
export interface TransferNode {
  readonly bus: Bus;
  readonly library: string;
  /** Where peers' streams come in. */
  readonly carrierPort: number;
  /** Where its metrics are. */
  readonly httpUrl: string;
  /** The settings of its process, for further replicas on the same data. */
  readonly environment: Readonly<Record<string, string>>;
  /** The peers that this node can find and call. */
  readonly peers: Map<string, PeerBehaviour>;
  /** Writes a file into the library, and publishes that it was found. */
  add(path: string, bytes: Uint8Array): Promise<void>;
  /** Stops the service, does something with its data, and starts it again. */
  restart(meanwhile?: () => void | Promise<void>): Promise<void>;
  /** Stops the service, deletes what is to be lost, and starts it again. */
  lose(...what: readonly Loss[]): Promise<void>;
  /** A part of the running service. */
  part<T>(type: abstract new (...args: never[]) => T): T;
  /** Stops the service alone: processes take its place. */
  stopService(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a node of one service, with further settings of its process. */
export async function startTransfer(settings: Readonly<Record<string, string>> = {}): Promise<TransferNode> {
  const folder = await tempFolder();
  const library = join(folder.path, 'library');
  await mkdir(library);
  await markAsNew(folder.path);
  const nats = await startNats();
  const bus = await Bus.connect({ servers: nats.url, token: nats.token, name: 'test' });
  const peers = new Map<string, PeerBehaviour>();
  const peerSide = await startPeerSide(nats, peers);
  const carrierPort = await freePort();
  const environment = { ...environmentOf(nats, folder, library, carrierPort, peerSide.port), ...settings };
  const launch = () => startService(transferService, transferConfig.parse(environment), quiet);
  let service = await launch();
  return {
    bus,
    library,
    carrierPort,
    get httpUrl() {
      return service.httpUrl;
    },
    environment,
    peers,
    add: (path, bytes) => addFile(bus, library, path, bytes),
    restart: async (meanwhile) => {
      await service.stop();
      await meanwhile?.();
      service = await launch();
    },
    lose: async (...what) => {
      await service.stop();
      for (const each of what) {
        if (each === 'bus') await nats.restart(() => rm(nats.store, { recursive: true }));
        else await removeDatabase(join(folder.path, 'transfer', `${each}.sqlite`));
      }
      service = await launch();
      await eventually(() => bus.connection.flush().then(() => true)); // the test's own connection is back as well
    },
    stopService: () => service.stop(),
    part: (type) => service.app.get(type as never, { strict: false }),
    stop: () => stopAll(service, peerSide, bus, nats, folder),
  };
}

/** Starts a node for one test, and stops it after the test and its hooks. */
export async function startNode(): Promise<TransferNode> {
  const node = await startTransfer();
  onTestFinished(() => node.stop());
  return node;
}

async function removeDatabase(file: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm']) await rm(file + suffix, { force: true });
}

/** Marks a data folder as that of a new node, as the supervisor does: its library is then the first collection. */
export async function markAsNew(dataDir: string): Promise<void> {
  await mkdir(join(dataDir, 'transfer'), { recursive: true });
  await writeFile(join(dataDir, 'transfer', 'new-node'), '');
}

/** A peer that is another transfer: its stream is spliced to that one's carrier, as p2p-node would. */
export const peerAt =
  (carrierPort: number): PeerBehaviour =>
  async (stream) => {
    const header = { kind: 'peer', peerId: newPeerId(), protocol: PIECES_PROTOCOL } as const;
    const socket = await callCarrier({
      host: '127.0.0.1',
      port: carrierPort,
      token: CARRIER_TOKEN,
      header,
      timeoutMs: 2_000,
    });
    await Promise.allSettled([pipeline(stream, socket), pipeline(socket, stream)]);
  };

/** A peer id that looks like one. */
export const newPeerId = (): string => `12D3KooW${randomBytes(44).toString('hex').replaceAll('0', 'z').slice(0, 44)}`;

const quiet = new Logger({ service: 'transfer', level: process.env['ALLIBRARY_TEST_LOG'] ?? 'error' });

const environmentOf = (nats: TestNats, folder: TempFolder, library: string, carrierPort: number, peerPort: number) => ({
  ALLIBRARY_NATS_URL: nats.url,
  ALLIBRARY_NATS_TOKEN: nats.token,
  ALLIBRARY_DATA: folder.path,
  ALLIBRARY_LIBRARY: library,
  ALLIBRARY_CARRIER_TOKEN: CARRIER_TOKEN,
  ALLIBRARY_TRANSFER_CARRIER: `127.0.0.1:${carrierPort}`,
  ALLIBRARY_P2P_CARRIER: `127.0.0.1:${peerPort}`,
});

async function addFile(bus: Bus, library: string, path: string, bytes: Uint8Array): Promise<void> {
  const file = join(library, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
  await bus.publish(FileFound, {
    collection: 'library',
    path,
    sizeBytes: bytes.length,
    modifiedAtMs: 0,
    observedAtMs: Date.now(),
  });
}

/** What stands in for p2p-node. */
export interface PeerSide {
  /** Where it gives streams to its peers. */
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts a stand-in for p2p-node that finds and reaches these peers. */
export async function startPeerSide(nats: TestNats, peers: Map<string, PeerBehaviour>): Promise<PeerSide> {
  const listener: CarrierListener = await listenCarrier({
    host: '127.0.0.1',
    port: 0,
    token: CARRIER_TOKEN,
    onCall: async (call) => {
      const behaviour = call.header.kind === 'peer' ? peers.get(call.header.peerId) : undefined;
      if (!behaviour) return call.refuse('no such peer');
      call.accept();
      await behaviour(call.stream);
    },
  });
  const bus = await Bus.connect({ servers: nats.url, token: nats.token, name: 'p2p-node' });
  const app = await serveSources(bus, peers);
  const stop = async () => {
    await app.close();
    await bus.close();
    await listener.close();
  };
  return { port: listener.port, stop };
}

async function serveSources(bus: Bus, peers: Map<string, PeerBehaviour>): Promise<INestMicroservice> {
  @Controller()
  class Sources {
    @OnRequestMany(FindSources)
    async *find(): AsyncGenerator<{ peerId: string }> {
      for (const peerId of peers.keys()) yield { peerId };
    }
  }
  const strategy = new JetStreamTransport({ bus, service: 'p2p-node' });
  const module = { module: class PeerSideModule {}, controllers: [Sources] };
  const app = await NestFactory.createMicroservice(module, { strategy, logger: false });
  await app.listen();
  return app;
}

async function stopAll(
  service: RunningService,
  peerSide: PeerSide,
  bus: Bus,
  nats: TestNats,
  folder: TempFolder,
): Promise<void> {
  await service.stop();
  await peerSide.stop();
  await bus.close();
  await nats.stop();
  await folder.remove();
}
