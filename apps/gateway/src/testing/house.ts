import { type IncomingCall, listenCarrier } from '@allibrary/carrier';
import { Bus } from '@allibrary/messaging';
import { Logger, startService } from '@allibrary/platform';
import { gateway } from '../gateway.ts';
import { World, standIn } from './stand-in-services.ts';

/** The key of the gateway under test. */
export const API_KEY = 'the-key-of-the-test';
const CARRIER_TOKEN = 'a-token-of-the-test-kit';

/** What a request adds, with its headers as a plain object. */
export type PlainInit = Omit<RequestInit, 'headers'> & { readonly headers?: Readonly<Record<string, string>> };

/** A gateway that runs in a house of stand-ins. */
export interface House {
  readonly url: string;
  readonly world: World;
  readonly bus: Bus;
  /** Answers the calls for content; each test sets its own. */
  onContent: (call: IncomingCall) => void;
  /** Asks with the key, unless the headers say something else. */
  ask(path: string, init?: PlainInit): Promise<Response>;
  stop(): Promise<void>;
}

/** Which parts of the house are there. */
export interface HouseOptions {
  readonly nats: { readonly url: string; readonly token: string };
  readonly dataDir: string;
  readonly services?: readonly Parameters<typeof standIn>[0][];
}

/** Starts a gateway with the services that it asks. */
export async function openHouse({
  nats,
  dataDir,
  services = ['watcher', 'transfer', 'indexer', 'p2p-node'],
}: HouseOptions): Promise<House> {
  const world = new World();
  const bus = await Bus.connect({ servers: nats.url, token: nats.token, name: 'stand-ins' });
  const apps: Awaited<ReturnType<typeof standIn>>[] = [];
  for (const service of services) apps.push(await standIn(service, bus, world));
  const carrier = await listenCarrier({
    host: '127.0.0.1',
    port: 0,
    token: CARRIER_TOKEN,
    onCall: (call) => house.onContent(call),
  });
  const config = gateway.config.parse({
    ALLIBRARY_NATS_URL: nats.url,
    ALLIBRARY_NATS_TOKEN: nats.token,
    ALLIBRARY_DATA: dataDir,
    ALLIBRARY_HTTP_PORT: '0',
    ALLIBRARY_API_KEY: API_KEY,
    ALLIBRARY_CARRIER_TOKEN: CARRIER_TOKEN,
    ALLIBRARY_TRANSFER_CARRIER: `127.0.0.1:${carrier.port}`,
  });
  const running = await startService(gateway, config, new Logger({ service: 'gateway', level: 'silent' }));
  const house: House = {
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
  return house;
}

/** The init of a POST with a JSON body. */
export const posted = (body: unknown): PlainInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
