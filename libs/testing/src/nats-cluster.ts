import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { accepts, end, natsServerPath, running } from './nats.ts';
import { eventually } from './eventually.ts';
import { tempFolder } from './temp-folder.ts';

/** Three real nats-servers with JetStream that form a cluster on loopback. */
export interface TestNatsCluster {
  /** The servers' URLs, with commas between them. */
  readonly urls: string;
  readonly token: string;
  /** Kills the named server with SIGKILL. */
  kill(name: string): Promise<void>;
  /** Starts a killed server again on its store. */
  revive(name: string): Promise<void>;
  stop(): Promise<void>;
}

interface Server {
  readonly name: string;
  readonly port: number;
  readonly routePort: number;
}

/** Starts a cluster on free ports; its servers are called a, b and c. */
export async function startNatsCluster(): Promise<TestNatsCluster> {
  const folder = await tempFolder();
  const token = randomBytes(12).toString('hex');
  const servers: Server[] = [];
  for (const name of ['a', 'b', 'c']) servers.push({ name, port: await freePort(), routePort: await freePort() });
  const processes = new Map<string, ChildProcess>();
  const launch = async (server: Server): Promise<void> => {
    const child = spawn(natsServerPath(), serverArgs(server, servers, join(folder.path, server.name), token), {
      stdio: 'ignore',
    });
    running.add(child);
    processes.set(server.name, child);
    await eventually(() => accepts(server.port));
  };
  const named = (name: string): Server => {
    const server = servers.find((each) => each.name === name);
    if (!server) throw new Error(`the cluster has no server ${name}`);
    return server;
  };
  const stop = async (): Promise<void> => {
    await Promise.all([...processes.values()].map((child) => end(child, 'SIGTERM')));
    await folder.remove();
  };
  await Promise.all(servers.map(launch)).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    urls: servers.map(({ port }) => `nats://127.0.0.1:${port}`).join(','),
    token,
    kill: async (name) => {
      const child = processes.get(named(name).name);
      if (child) await end(child, 'SIGKILL');
    },
    revive: (name) => launch(named(name)),
    stop,
  };
}

function serverArgs(server: Server, all: readonly Server[], store: string, token: string): string[] {
  const routes = all.filter(({ name }) => name !== server.name).map(({ routePort }) => `nats://127.0.0.1:${routePort}`);
  const cluster = ['--cluster_name', 'test', '--cluster', `nats://127.0.0.1:${server.routePort}`];
  const client = ['-a', '127.0.0.1', '-p', String(server.port), '--auth', token];
  return ['-n', server.name, ...client, '-js', '-sd', store, ...cluster, '--routes', routes.join(',')];
}
