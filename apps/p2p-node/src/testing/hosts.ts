/** Real: libp2p hosts over loopback, each with its identity and datastore in a folder of its own. */
import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { loadIdentity } from '../identity.ts';
import { type Libp2pHost, type Libp2pHostOptions, startLibp2pHost } from '../libp2p-host.ts';

/** A host, the folder of what it keeps, and what libp2p complained about. */
export interface TestHost {
  readonly host: Libp2pHost;
  readonly folder: TempFolder;
  readonly problems: string[];
}

/** Starts a host on a free port. */
export async function startTestHost(): Promise<TestHost> {
  const folder = await tempFolder();
  const problems: string[] = [];
  const host = await startHostIn(folder.path, 0, (component, problem) => problems.push(`${component}: ${problem}`));
  return { host, folder, problems };
}

/** Starts a host whose identity and memory are in a folder: again the same peer when it is started there again. */
export const startHostIn = async (
  folder: string,
  port: number,
  onProblem: (component: string, problem: string) => void = () => {},
  more: Partial<Libp2pHostOptions> = {},
): Promise<Libp2pHost> =>
  startLibp2pHost({
    ...more,
    privateKey: await loadIdentity(join(folder, 'identity.key')),
    host: '127.0.0.1',
    port,
    announce: [],
    datastoreDir: join(folder, 'datastore'),
    agent: 'test/1',
    onProblem,
  });

/** Stops a host and deletes its folder. */
export async function removeTestHost({ host, folder }: TestHost): Promise<void> {
  await host.stop();
  await folder.remove();
}

/** Connects one host to another. */
export const connectHosts = (from: Libp2pHost, to: Libp2pHost) => from.dial(to.getMultiaddrs());

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
