import { type IncomingCall, listenCarrier } from '@allibrary/carrier';
import { Bus } from '@allibrary/messaging';
import { Logger, startService } from '@allibrary/platform';
import { startNats, tempFolder } from '@allibrary/testing';
import { gatewayService } from '../gateway.module.ts';
import { World, standIn } from './stand-in-services.ts';

/** The key of the gateway under test. */
export const API_KEY = 'the-key-of-the-test';
const CARRIER_TOKEN = 'a-token-of-the-test-kit';

/** Options of a request, with its headers as a plain object. */
export type PlainInit = Omit<RequestInit, 'headers'> & { readonly headers?: Readonly<Record<string, string>> };

/** A gateway that runs among stand-ins of the other services. */
export interface TestGateway {
  readonly url: string;
  readonly world: World;
  readonly bus: Bus;
  /** Handles the calls for content; each test sets its own. */
  onContent: (call: IncomingCall) => void;
  /** Sends a request with the key, unless the headers replace it. */
  ask(path: string, init?: PlainInit): Promise<Response>;
  stop(): Promise<void>;
}

type Services = readonly Parameters<typeof standIn>[0][];

interface Surroundings {
  readonly nats: { readonly url: string; readonly token: string };
  readonly dataDir: string;
  readonly services: Services;
}

/** Starts a gateway with a nats-server and a data folder of its own, and the stand-ins of these services. */
export async function startTestGateway(
  services: Services = ['watcher', 'transfer', 'indexer', 'p2p-node'],
): Promise<TestGateway> {
  const [nats, folder] = await Promise.all([startNats(), tempFolder()]);
  const gateway = await openGateway({ nats, dataDir: folder.path, services });
  const { stop } = gateway;
  return Object.assign(gateway, {
    stop: async () => {
      await stop();
      await nats.stop();
      await folder.remove();
    },
  });
}

async function openGateway({ nats, dataDir, services }: Surroundings): Promise<TestGateway> {
  const world = new World();
  const bus = await Bus.connect({ servers: nats.url, token: nats.token, name: 'stand-ins' });
  const apps: Awaited<ReturnType<typeof standIn>>[] = [];
  for (const service of services) apps.push(await standIn(service, bus, world));
  const carrier = await listenCarrier({
    host: '127.0.0.1',
    port: 0,
    token: CARRIER_TOKEN,
    onCall: (call) => gateway.onContent(call),
  });
  const config = gatewayService.config.parse({
    ALLIBRARY_NATS_URL: nats.url,
    ALLIBRARY_NATS_TOKEN: nats.token,
    ALLIBRARY_DATA: dataDir,
    ALLIBRARY_HTTP_PORT: '0',
    ALLIBRARY_API_KEY: API_KEY,
    ALLIBRARY_CARRIER_TOKEN: CARRIER_TOKEN,
    ALLIBRARY_TRANSFER_CARRIER: `127.0.0.1:${carrier.port}`,
  });
  const running = await startService(gatewayService, config, new Logger({ service: 'gateway', level: 'silent' }));
  const gateway: TestGateway = {
    url: running.httpUrl,
    world,
    bus,
    onContent: (call) => call.refuse('the test serves no content'),
    ask: (path, init = {}) =>
      fetch(running.httpUrl + path, { ...init, headers: { authorization: `Bearer ${API_KEY}`, ...init.headers } }),
    stop: async () => {
      await running.stop();
      await Promise.all(apps.map((app) => app.close()));
      await carrier.close();
      await bus.close();
    },
  };
  return gateway;
}

/** The init of a POST with a JSON body. */
export const posted = (body: unknown): PlainInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
