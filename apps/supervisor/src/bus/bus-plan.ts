import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  BUS_SERVICES,
  BUS_STORE_LIMITS,
  BUS_SYNC_INTERVAL,
  type BusService,
  authorizationConfig,
  passwordVariable,
  permissionsOf,
} from '@allibrary/contracts';
import { updateFile } from '../setup/update-file.ts';
import { endHolder } from './store-lock.ts';
import type { Program } from '../services/supervision.ts';
import { inherited } from '../services/programs.ts';

/** A user of nats-server with its password. */
export interface NatsUser {
  readonly name: string;
  readonly password: string;
}

/** A nats-server of this node's own. */
export interface BusPlan {
  readonly program: Program;
  readonly url: string;
  readonly users: Readonly<Record<BusService, NatsUser>>;
  /** May do everything: for the supervisor and for people. */
  readonly operator: NatsUser;
  /** The folder whose disk must have room. */
  readonly folder: string;
}

const OPERATOR = 'operator';
const run = promisify(execFile);

/**
 * Plans a nats-server on loopback with one user for each service. The passwords are new at each start, and on no disk:
 * the configuration names variables of its environment.
 */
export async function planNats(server: string, data: string, port: number): Promise<BusPlan> {
  const folder = join(data, 'nats');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  rmSync(join(folder, 'token'), { force: true }); // an earlier version shared it among all services
  const config = join(folder, 'nats.conf');
  const lock = join(folder, 'store.lock');
  const users = [...BUS_SERVICES, OPERATOR].map((name) => ({ name, password: randomBytes(24).toString('base64url') }));
  const text = natsConfig(join(folder, 'jetstream'), await knowsSyncInterval(server));
  const environment = Object.fromEntries(
    users.map(({ name, password }) => [passwordVariable(name), JSON.stringify(password)]),
  );
  const byName = Object.fromEntries(users.map((user) => [user.name, user]));
  return {
    program: {
      name: 'nats-server',
      command: server,
      args: ['-c', config, '-a', '127.0.0.1', '-p', String(port)],
      environment: { ...inherited(), ...environment },
      lock,
      // The configuration of a server that starts again must be whole: without one it would let everybody in.
      prepare: async () => {
        await endHolder(lock);
        updateFile(config, text);
      },
    },
    url: `nats://127.0.0.1:${port}`,
    users: byName as Record<BusService, NatsUser>,
    operator: byName[OPERATOR] as NatsUser,
    folder,
  };
}

/** The configuration of nats-server; it holds no secret. */
export function natsConfig(store: string, hasSyncInterval: boolean): string {
  const limits = [...BUS_STORE_LIMITS, ...(hasSyncInterval ? [BUS_SYNC_INTERVAL] : [])].join(', ');
  const users = [...BUS_SERVICES.map((name) => ({ name, permissions: permissionsOf(name) })), operatorUser];
  return [
    '# Written at each start. Each user may use the subjects of its service: libs/contracts/src/bus-roles.ts.',
    `jetstream { store_dir: ${JSON.stringify(store)}, ${limits} }`,
    authorizationConfig(users.map((user) => ({ ...user, password: `$${passwordVariable(user.name)}` }))),
    '',
  ].join('\n');
}

const operatorUser = { name: OPERATOR, permissions: undefined };

/** nats-server 2.10 brought the option; an earlier one does not start with it. */
async function knowsSyncInterval(server: string): Promise<boolean> {
  const { stdout } = await run(server, ['--version']);
  const [, major = 0, minor = 0] = /v?(\d+)\.(\d+)/.exec(stdout) ?? [];
  return Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 10);
}
