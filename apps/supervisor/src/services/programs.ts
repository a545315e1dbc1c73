import { randomBytes } from 'node:crypto';
import { serviceProcess } from '@allibrary/platform/files';
import type { Options } from '../setup/options.ts';
import type { PortPlan } from '../setup/port-plan.ts';
import { SERVICES, type Service } from './services.ts';
import type { Program } from './supervision.ts';

/** A service as a program, and where it answers /health and /metrics. */
export interface ServiceProgram extends Program {
  readonly httpUrl: string;
}

/** Everything that the programs of one node need to know. */
export interface NodePlan {
  readonly options: Options;
  readonly library: string;
  readonly data: string;
  readonly ports: PortPlan;
  /** The folder of unpacked programs that read documents. */
  readonly readers?: string | undefined;
  readonly nats: {
    readonly url: string;
    /** The token of a foreign nats-server. */
    readonly token?: string | undefined;
    /** The users of our own nats-server. */
    readonly users?: Readonly<Record<Service, { readonly name: string; readonly password: string }>>;
    /** The folder of our own nats-server. */
    readonly folder?: string;
  };
}

/** Plans the five services: who listens where, and who may know what. */
export function planServices({ options, library, data, ports, readers, nats }: NodePlan): ServiceProgram[] {
  const httpHost = options['http-host'];
  const carriers = {
    ALLIBRARY_CARRIER_TOKEN: randomBytes(24).toString('base64url'),
    ALLIBRARY_TRANSFER_CARRIER: `127.0.0.1:${ports.transferCarrier}`,
  };
  const withPeers = { ...carriers, ALLIBRARY_P2P_CARRIER: `127.0.0.1:${ports.p2pCarrier}` };
  const own: Record<Service, Record<string, string>> = {
    transfer: { ...withPeers, ALLIBRARY_LIBRARY: library },
    'p2p-node': {
      ...withPeers,
      ALLIBRARY_P2P_PORT: String(ports.p2p),
      ALLIBRARY_BOOTSTRAP: options.bootstrap,
    },
    indexer: { ALLIBRARY_LIBRARY: library, ...(readers ? { ALLIBRARY_READERS: readers } : {}) },
    watcher: { ALLIBRARY_LIBRARY: library },
    gateway: {
      ...carriers,
      ALLIBRARY_HTTP_HOST: httpHost,
      ...(options.apiKey ? { ALLIBRARY_API_KEY: options.apiKey } : {}),
    },
  };
  const common = {
    ...inherited(),
    ...serviceSettings(process.env),
    ALLIBRARY_DATA: data,
    ALLIBRARY_NATS_URL: nats.url,
    ...(nats.token ? { ALLIBRARY_NATS_TOKEN: nats.token } : {}),
    ...(nats.folder ? { ALLIBRARY_NATS_STORE: nats.folder } : {}),
    ALLIBRARY_LOG_LEVEL: options['log-level'],
  };
  const userOf = (service: Service): Record<string, string> => {
    const user = nats.users?.[service];
    return user ? { ALLIBRARY_NATS_USER: user.name, ALLIBRARY_NATS_PASSWORD: user.password } : {};
  };
  return SERVICES.map((name) => {
    const { args, environment } = serviceProcess(name);
    const http = { ALLIBRARY_HTTP_PORT: String(ports.http[name]) };
    return {
      name,
      command: process.execPath,
      args,
      environment: { ...common, ...environment, ...userOf(name), ...http, ...own[name] },
      httpUrl: `http://${name === 'gateway' ? urlHost(httpHost) : '127.0.0.1'}:${ports.http[name]}`,
    };
  });
}

/** Settings of single services that the user gives as variables, such as ALLIBRARY_HASH_THREADS; ours come from options. */
export function serviceSettings(environment: NodeJS.ProcessEnv): Record<string, string> {
  const ours =
    /^ALLIBRARY_(LIBRARY|DATA|HTTP_\w+|P2P_PORT|P2P_CARRIER|TRANSFER_CARRIER|CARRIER_TOKEN|BOOTSTRAP|NATS_URL|NATS_TOKEN|API_KEY|LOG_LEVEL)$/;
  const given = Object.entries(environment).filter(([name]) => name.startsWith('ALLIBRARY_') && !ours.test(name));
  return Object.fromEntries(given.map(([name, value]) => [name, value ?? '']));
}

/** What a program gets of our own environment: nothing that it has no use for. */
export function inherited(): Record<string, string> {
  const names = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name] as string]] : [])));
}

const urlHost = (host: string): string => {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
};
