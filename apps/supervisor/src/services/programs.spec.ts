import { expect, test } from 'vitest';
import { readOptions } from '../setup/options.ts';
import { type NodePlan, planServices, serviceSettings } from './programs.ts';
import { SERVICES, type Service } from './services.ts';

const plan: NodePlan = {
  options: readOptions(['--bootstrap', '/ip4/192.0.2.1/tcp/1/p2p/Qm1', '--http-host', '::'], {
    ALLIBRARY_API_KEY: '0123456789abcdef',
  }),
  library: '/the/library',
  data: '/the/data',
  ports: {
    http: { gateway: 1, transfer: 2, 'p2p-node': 3, indexer: 4, watcher: 5 },
    p2p: 6,
    nats: 7,
    transferCarrier: 8,
    p2pCarrier: 9,
  },
  nats: {
    url: 'nats://127.0.0.1:7',
    folder: '/the/data/nats',
    users: Object.fromEntries(SERVICES.map((name) => [name, { name, password: `password of ${name}` }])) as Record<
      Service,
      { name: string; password: string }
    >,
  },
};

/** The services that receive the variable. */
const whoKnows = (variable: string) =>
  planServices(plan)
    .filter(({ environment }) => variable in environment)
    .map(({ name }) => name);

test.each([
  ['ALLIBRARY_NATS_STORE', ['transfer', 'p2p-node', 'indexer', 'watcher', 'gateway']],
  ['ALLIBRARY_NATS_TOKEN', []],
  ['ALLIBRARY_LIBRARY', ['transfer', 'indexer', 'watcher']],
  ['ALLIBRARY_P2P_PORT', ['p2p-node']],
  ['ALLIBRARY_BOOTSTRAP', ['p2p-node']],
  ['ALLIBRARY_CARRIER_TOKEN', ['transfer', 'p2p-node', 'gateway']],
  ['ALLIBRARY_TRANSFER_CARRIER', ['transfer', 'p2p-node', 'gateway']],
  ['ALLIBRARY_P2P_CARRIER', ['transfer', 'p2p-node']],
  ['ALLIBRARY_API_KEY', ['gateway']],
])('%s is known to %j', (variable, services) => {
  expect(whoKnows(variable)).toEqual(services);
});

test('each service connects to the bus as itself, and has the password of no other', () => {
  for (const { name, environment } of planServices(plan)) {
    expect(environment['ALLIBRARY_NATS_USER']).toBe(name);
    const passwords = Object.values(environment).filter((value) => value.startsWith('password of'));
    expect(passwords).toEqual([`password of ${name}`]);
  }
});

test('a foreign nats-server is asked with the token that the user gave', () => {
  const foreign = { ...plan, nats: { url: 'nats://192.0.2.1:4222', token: 'token of nats' } };
  for (const { environment } of planServices(foreign)) {
    expect(environment).toMatchObject({ ALLIBRARY_NATS_TOKEN: 'token of nats' });
    expect(environment).not.toHaveProperty('ALLIBRARY_NATS_USER');
  }
});

test('the web page alone is where the user wants it', () => {
  const services = planServices(plan);
  expect(services.map(({ httpUrl }) => httpUrl)).toEqual([2, 3, 4, 5, 1].map((port) => `http://127.0.0.1:${port}`));
  expect(services.flatMap(({ environment }) => environment['ALLIBRARY_HTTP_HOST'] ?? [])).toEqual(['::']);
});

test('the secret of the byte-streams is long, and new at each start', () => {
  const secrets = [planServices(plan), planServices(plan)].map(
    (services) => services[0]?.environment['ALLIBRARY_CARRIER_TOKEN'],
  );
  expect(secrets[0]).toMatch(/^[\w-]{32}$/);
  expect(secrets[1]).not.toBe(secrets[0]);
});

test("settings of single services are handed on, but none of the node's and nothing else", () => {
  const environment = { ALLIBRARY_SETTLE_MS: '200', ALLIBRARY_DATA: '/x', ALLIBRARY_NATS_TOKEN: 'x', AWS_SECRET: 'x' };
  expect(serviceSettings(environment)).toEqual({ ALLIBRARY_SETTLE_MS: '200' });
});
