import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { tempFolder } from './temp-folder.ts';

/** A real nats-server with JetStream, of one test. */
export interface TestNats {
  readonly url: string;
  readonly token: string;
  /** The folder of its store. */
  readonly store: string;
  /** Ends it, with SIGKILL by default, and starts it again on the same port and store, which `meanwhile` may change. */
  restart(meanwhile?: () => Promise<void>, signal?: NodeJS.Signals): Promise<void>;
  stop(): Promise<void>;
}

/** The servers that run now. */
export const running = new Set<ChildProcess>();
// A test run that is cut off leaves no server behind.
process.once('exit', () => {
  for (const server of running) server.kill('SIGKILL');
});

/**
 * Starts a nats-server on a free port with a store of its own. It asks for the token, or for what the given block
 * `authorization` of its configuration allows.
 */
export async function startNats({ authorization }: { authorization?: string } = {}): Promise<TestNats> {
  const folder = await tempFolder();
  const port = await freePort();
  const token = randomBytes(12).toString('hex');
  const config = join(folder.path, 'nats.conf');
  await writeFile(config, authorization ?? `authorization { token: "${token}" }`);
  const store = join(folder.path, 'store');
  const args = ['-c', config, '-a', '127.0.0.1', '-p', String(port), '-js', '-sd', store];
  const launch = async (): Promise<ChildProcess> => {
    const child = spawn(natsServerPath(), args, { stdio: 'ignore' });
    running.add(child);
    await once(child, 'spawn');
    await eventually(() => accepts(port));
    return child;
  };
  let server = await launch();
  return {
    url: `nats://127.0.0.1:${port}`,
    token,
    store,
    restart: async (meanwhile, signal = 'SIGKILL') => {
      await end(server, signal);
      await meanwhile?.();
      server = await launch();
    },
    stop: async () => {
      await end(server, 'SIGTERM');
      await folder.remove();
    },
  };
}

/** Ends a server by a signal, and waits until it is gone. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  running.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

/** Whether somebody listens at a port of loopback. */
export async function accepts(port: number): Promise<true> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } finally {
    socket.destroy();
  }
}

/** The server that `npm test` found, else the one of an earlier `npm start`, else the one on the PATH. */
export function natsServerPath(): string {
  const given = process.env['ALLIBRARY_NATS_SERVER'];
  if (given) return given;
  const cache = join(import.meta.dirname, '../../../.cache/nats-server');
  const cached = existsSync(cache) ? readdirSync(cache).map((version) => join(cache, version, 'nats-server')) : [];
  return cached.find((file) => existsSync(file)) ?? 'nats-server';
}
