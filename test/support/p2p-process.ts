/** One p2p-node as a process of its own, with a nats-server of its own: what a network is made of when files do not matter. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import {
  DocumentAdded,
  FindSources,
  GetNetworkStatus,
  ListPeers,
  type Peer,
  PeersSettings,
} from '@allibrary/contracts';
import { Bus, Settings, serveSettings } from '@allibrary/messaging';
import {
  type TempFolder,
  type TestNats,
  TestSettings,
  eventually,
  freePort,
  startNats,
  tempFolder,
} from '@allibrary/testing';

const MAIN = resolve(import.meta.dirname, '../../apps/p2p-node/dist/main.js');
const CLOCK = resolve(import.meta.dirname, 'clock-of-a-later-hour.ts');
/** Twelve of them start at once on a busy machine. */
const START_LIMIT_MS = 120_000;

const children = new Set<ChildProcess>();
// A test run that is cut off leaves no node behind.
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** How the process is started. */
export interface P2pProcessOptions {
  readonly bootstrap?: readonly string[];
  /** The address on which it listens. */
  readonly host?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A running p2p-node of a test. */
export class P2pProcess {
  readonly bus: Bus;
  readonly #child: ChildProcess;
  readonly #nats: TestNats;
  readonly #folder: TempFolder;

  private constructor(child: ChildProcess, nats: TestNats, bus: Bus, folder: TempFolder) {
    this.bus = bus;
    this.#child = child;
    this.#nats = nats;
    this.#folder = folder;
  }

  static async start({ bootstrap = [], host = '127.0.0.1', environment = {} }: P2pProcessOptions): Promise<P2pProcess> {
    const [folder, nats] = [await tempFolder(), await startNats()];
    const bus = await Bus.connect({ servers: nats.url, token: nats.token, name: 'test' });
    await serveSettings(bus, new TestSettings()); // ends with the bus
    const child = spawn(process.execPath, ['--import', CLOCK, MAIN], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        ALLIBRARY_NATS_URL: nats.url,
        ALLIBRARY_NATS_TOKEN: nats.token,
        ALLIBRARY_DATA: folder.path,
        ALLIBRARY_P2P_HOST: host,
        ALLIBRARY_P2P_PORT: String(await freePort()),
        ALLIBRARY_BOOTSTRAP: bootstrap.join(','),
        ALLIBRARY_CARRIER_TOKEN: 'a-token-of-the-test',
        ALLIBRARY_P2P_CARRIER: `127.0.0.1:${await freePort()}`,
        ALLIBRARY_TRANSFER_CARRIER: `127.0.0.1:${await freePort()}`, // nobody is there: no bytes of documents are carried
        ALLIBRARY_LOG_LEVEL: 'error',
        ...environment,
      },
    });
    children.add(child);
    const node = new P2pProcess(child, nats, bus, folder);
    try {
      await eventually(async () => node.#ended || (await node.address()), { timeoutMs: START_LIMIT_MS });
      if (node.#ended) throw new Error(`it ended with ${child.exitCode ?? child.signalCode}; its errors are above`);
    } catch (cause) {
      await node.stop();
      throw new Error('p2p-node did not start', { cause });
    }
    return node;
  }

  get #ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async peerId(): Promise<string> {
    return (await this.bus.request(GetNetworkStatus, {})).peerId;
  }

  /** The first of its addresses. */
  async address(): Promise<string> {
    const [address] = (await this.bus.request(GetNetworkStatus, {})).multiaddrs;
    if (!address) throw new Error('p2p-node has no address');
    return address;
  }

  async addresses(): Promise<readonly string[]> {
    return (await this.bus.request(GetNetworkStatus, {})).multiaddrs;
  }

  /** How many documents the DHT knows of, and how many wait. */
  async announced(): Promise<{ announced: number; waiting: number }> {
    const status = await this.bus.request(GetNetworkStatus, {});
    return { announced: status.announcedDocuments, waiting: status.waitingDocuments };
  }

  async peers(): Promise<Peer[]> {
    return (await this.bus.request(ListPeers, {})).items;
  }

  /** Says what the owner wants of peers. */
  async want(settings: object): Promise<void> {
    await new Settings(this.bus).write(PeersSettings, settings);
  }

  /** Says that it shares a document. */
  async share(documentId: string): Promise<void> {
    await this.bus.publish(DocumentAdded, {
      documentId,
      name: 'some.pdf',
      sizeBytes: 1,
      mediaType: 'application/pdf',
      sha256: '0'.repeat(64),
      locations: [{ collection: 'library', path: 'some.pdf' }],
      isPublic: true,
      addedAtMs: 1,
      changedAtMs: Date.now(),
    });
  }

  /** Looks for a document's sources until the awaited ones are among them; answers those that were not found. */
  async lookFor(documentId: string, awaited: readonly string[]): Promise<string[]> {
    const missing = new Set(awaited);
    for await (const { peerId } of this.bus.requestMany(FindSources, { documentId })) {
      missing.delete(peerId);
      if (missing.size === 0) break;
    }
    return [...missing];
  }

  /** Sets its clock an hour ahead. */
  laterByAnHour(): void {
    this.#child.kill('SIGUSR2');
  }

  /** Ends it as a power cut does. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (!this.#ended) {
      const ended = once(this.#child, 'exit');
      this.#child.kill(signal);
      await ended;
    }
    children.delete(this.#child);
    await this.bus.close();
    await this.#nats.stop();
    await this.#folder.remove();
  }
}
