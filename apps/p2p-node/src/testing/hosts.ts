/** Real: libp2p hosts over loopback, each with its identity and datastore in a folder of its own. */
import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { Logger, Metrics } from '@allibrary/platform';
import { type TempFolder, freePort, tempFolder } from '@allibrary/testing';
import type { Multiaddr } from '@multiformats/multiaddr';
import type { GateLimits } from '../gate/connection-gate.ts';
import { loadIdentity } from '../network/identity.ts';
import type { RecordLimits } from '../dht/keeping/provider-records.ts';
import { countGuard } from '../gate/guard-counters.ts';
import { type HostObserver, type Libp2pHost, startLibp2pHost } from '../network/libp2p-host.ts';
import { PeerGuard } from '../gate/peer-guard.ts';
import { ReceivedBans } from '../gate/received-bans.ts';

/** A host, the folder of what it keeps, and what libp2p complained about. */
export interface TestHost {
  readonly host: Libp2pHost;
  readonly port: number;
  readonly folder: TempFolder;
  readonly problems: string[];
  readonly guard: PeerGuard;
  readonly metrics: Metrics;
}

/** What a host may have that others have not. */
export interface TestHostOptions {
  readonly limits?: GateLimits;
  readonly networkKey?: Uint8Array;
  readonly announce?: readonly string[];
}

/** Starts a host on a free port. */
export async function startTestHost({ limits, networkKey, announce = [] }: TestHostOptions = {}): Promise<TestHost> {
  const folder = await tempFolder();
  const problems: string[] = [];
  const metrics = new Metrics('test');
  const guard = guardFor(metrics, limits);
  const port = await freePort();
  const host = await startHostIn(folder.path, port, {
    guard,
    networkKey,
    announce,
    onProblem: (component, problem) => problems.push(`${component}: ${problem}`),
  });
  return { host, port, folder, problems, guard, metrics };
}

/** Starts a host whose identity and memory are in a folder: again the same peer when it is started there again. */
export const startHostIn = async (
  folder: string,
  port: number,
  {
    guard = guardFor(new Metrics('test')),
    onProblem = () => {},
    announce = [],
    networkKey,
    recordLimits,
    onRecordRefused,
  }: HostParts = {},
): Promise<Libp2pHost> => {
  const host = await startLibp2pHost({
    identity: { privateKey: await loadIdentity(join(folder, 'identity.key')), networkKey, agent: 'test/1' },
    listen: { host: '127.0.0.1', port, announce },
    storage: {
      datastore: join(folder, 'peers.sqlite'),
      log: { damaged: () => {}, unwritable: () => {}, writableAgain: () => {} },
      providerRecords: join(folder, 'provider-records.sqlite'),
      ...(recordLimits && { recordLimits }),
    },
    guard,
    observer: { onProblem, ...(onRecordRefused && { onRecordRefused }) },
    transports: ['tcp'],
    services: ['interface-addresses', 'lan-discovery'],
  });
  guard.attach(host);
  guards.set(host, guard);
  return host;
};

interface HostParts extends Partial<HostObserver> {
  readonly announce?: readonly string[];
  readonly networkKey?: Uint8Array | undefined;
  readonly recordLimits?: RecordLimits;
  readonly guard?: PeerGuard;
}

const logger = new Logger({ service: 'test', level: 'silent' });

const MANY = { burst: 100_000, perMinute: 100_000 };
/** In a test all hosts share one address, as if they were one machine: only a test of the limits themselves has them. */
const NO_LIMITS: GateLimits = {
  perAddress: 1_000,
  perSubnet: 1_000,
  perPeer: 1_000,
  inTotal: 1_000,
  handshakes: { perHolder: 1_000, perSubnet: 1_000, inTotal: 1_000 },
  newPerAddress: MANY,
  unverifiedDials: { perHost: MANY, inTotal: MANY },
};

const guardFor = (metrics: Metrics, limits = NO_LIMITS): PeerGuard =>
  new PeerGuard({
    counters: countGuard(metrics),
    bans: new ReceivedBans(logger, Date.now),
    logger,
    now: () => performance.now(),
    limits,
  });

/** Stops a host and deletes its folder. */
export async function removeTestHost({ host, folder }: TestHost): Promise<void> {
  await host.stop();
  await folder.remove();
}

const guards = new WeakMap<Libp2pHost, PeerGuard>();

/** Connects one host to another by an address that the operator gave. */
export function connectHosts(
  from: Libp2pHost,
  to: Libp2pHost,
  options: { signal?: AbortSignal; force?: boolean } = {},
) {
  const addresses = to.getMultiaddrs();
  nameAddresses(from, addresses);
  return from.dial(addresses, options);
}

/** Names addresses to a host as an operator does. */
export function nameAddresses(host: Libp2pHost, addresses: readonly Multiaddr[]): void {
  for (const address of addresses) guards.get(host)?.gate.name(address);
}

/** The port on which a host listens. */
export const portOf = (host: Libp2pHost): number => Number(/tcp\/(\d+)/.exec(String(host.getMultiaddrs()[0]))?.[1]);

/** The two ends of a TCP connection over loopback, half-open like the carrier's. */
export async function socketPair(): Promise<[Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const near = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
  const [far] = await accepted;
  server.close();
  return [near, far];
}
