/** Real: the committed configuration and deploy/compose/setup.sh, run in a temporary folder. */
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { composeNatsConfig } from './nats-config.ts';
import { projectRoot } from './run-command.ts';

const OWNERS = ['gateway', 'grafana', 'indexer', 'meilisearch', 'nats', 'p2p-node', 'transfer', 'watcher'];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'allibrary-setup-'));
  for (const name of OWNERS) mkdirSync(join(folder, 'secrets', name), { recursive: true });
  for (const name of ['nats', 'secrets', 'transfer']) mkdirSync(join(folder, 'volumes', name), { recursive: true });
});

afterEach(() => rmSync(folder, { recursive: true }));

test('deploy/nats/nats.conf is current: if not, run node tools/boot.mjs tools/nats-config.ts', () => {
  expect(readFileSync(join(projectRoot, 'deploy/nats/nats.conf'), 'utf8')).toBe(composeNatsConfig());
});

test('each service gets its own secrets, readable by their owner alone', () => {
  setUp();
  expect(readdirSync(secret('p2p-node'))).toEqual(['carrier-token', 'nats-password']);
  expect(readdirSync(secret('watcher'))).toEqual(['nats-password']);
  expect(readdirSync(secret('nats'))).toEqual(['passwords.conf']);
  expect(read('gateway/carrier-token')).toBe(read('transfer/carrier-token'));
  expect(read('nats/passwords.conf')).toContain(`NATS_PASSWORD_P2P_NODE: "${read('p2p-node/nats-password')}"`);
  expect(new Set(['transfer', 'p2p-node', 'gateway'].map((name) => read(`${name}/nats-password`))).size).toBe(3);
  expect(statSync(secret('p2p-node/nats-password')).mode & 0o777).toBe(0o400);
});

test('a second run changes nothing', () => {
  setUp();
  const before = all();
  setUp();
  expect(all()).toEqual(before);
});

test('a secret that is cut short is replaced, with all that depends on it', () => {
  setUp();
  const others = read('watcher/nats-password');
  for (const name of ['p2p-node/nats-password', 'transfer/carrier-token']) truncateSync(secret(name), 5);
  setUp();
  expect(read('p2p-node/nats-password')).toHaveLength(32);
  expect(read('nats/passwords.conf')).toContain(`"${read('p2p-node/nats-password')}"`);
  expect(read('p2p-node/carrier-token')).toBe(read('transfer/carrier-token'));
  expect(read('watcher/nats-password')).toBe(others);
});

test('a new node is marked, and not again when its mark is used', () => {
  setUp();
  expect(readFileSync(mark(), 'utf8')).toBe('');
  rmSync(mark());
  setUp();
  expect(() => statSync(mark())).toThrow('ENOENT');
});

test.each([
  'volumes/secrets/nats-token',
  'volumes/nats/state',
  'volumes/transfer/catalog',
  'secrets/gateway/nats-password',
])('a node that has %s is not marked as new', (path) => {
  writeFileSync(join(folder, path), 'x');
  setUp();
  expect(() => statSync(mark())).toThrow('ENOENT');
});

test('an upgrade keeps the password of Grafana and empties the shared volume', () => {
  const password = 'a'.repeat(32);
  for (const name of ['grafana-password', 'nats-token']) writeFileSync(join(folder, 'volumes/secrets', name), password);
  setUp();
  expect(read('grafana/grafana-password')).toBe(password);
  expect(readdirSync(join(folder, 'volumes/secrets'))).toEqual([]);
});

const secret = (path: string): string => join(folder, 'secrets', path);
const read = (path: string): string => readFileSync(secret(path), 'utf8');
const mark = (): string => join(folder, 'volumes/transfer/transfer/new-node');
const all = (): Record<string, string> =>
  Object.fromEntries(
    OWNERS.flatMap((owner) => readdirSync(secret(owner)).map((name) => [`${owner}/${name}`, read(`${owner}/${name}`)])),
  );

function setUp(): void {
  const env = { ...process.env, SECRETS: join(folder, 'secrets'), VOLUMES: join(folder, 'volumes') };
  execFileSync('sh', [join(projectRoot, 'deploy/compose/setup.sh')], { env, stdio: 'pipe' });
}
