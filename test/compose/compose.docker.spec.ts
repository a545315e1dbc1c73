/**
 * Our compose file, as users get it. Real: dockerd, docker compose, our Dockerfile and image, seven containers a node, two
 * nodes on networks of their own. Stand-ins: the base images, made of Debian's packages; see README.md in this folder.
 */
import { randomBytes } from 'node:crypto';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Download } from '@allibrary/contracts';
import { eventually, freePort } from '@allibrary/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ComposedNode } from '../support/composed-node.ts';
import { DockerEngine } from '../support/docker-engine.ts';
import { sha256Of } from '../support/documents.ts';

const SERVICES = ['gateway', 'indexer', 'p2p-node', 'transfer', 'watcher'];
const MIB = 1_048_576;
const PATIENT = { timeoutMs: 120_000 };

let engine: DockerEngine;
let donor: ComposedNode;
let node: ComposedNode;

interface Inspected {
  readonly Name: string;
  readonly Config: { readonly User: string; readonly Labels: Readonly<Record<string, string>> };
  readonly HostConfig: {
    readonly ReadonlyRootfs: boolean;
    readonly CapDrop: readonly string[];
    readonly Memory: number;
  };
  readonly Mounts: readonly { readonly Destination: string; readonly RW: boolean }[];
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, unknown>> };
}

beforeAll(async () => {
  engine = await DockerEngine.start();
  donor = await ComposedNode.prepare(engine, 'donor');
  await donor.compose('build', 'gateway');
  await donor.compose('up', '--detach', '--wait');
  node = await ComposedNode.prepare(engine, 'node', { ALLIBRARY_BOOTSTRAP: await donor.address() });
  await node.compose('up', '--detach', '--wait');
});

afterAll(async () => {
  await Promise.all([node?.remove(), donor?.remove()]);
  await engine?.stop();
});

test('each container has what it needs and no more', async () => {
  const ids = (await donor.containers()).map(({ ID }) => ID);
  const inspected = JSON.parse(await engine.docker('inspect', ...ids)) as Inspected[];
  const services = new Map(inspected.map((each) => [each.Config.Labels['com.docker.compose.service'] ?? '', each]));
  expect([...services.keys()].toSorted()).toEqual([...SERVICES, 'nats', 'setup'].toSorted());

  const mounts = (service: string) =>
    (services.get(service)?.Mounts ?? []).map(({ Destination, RW }) => `${Destination} ${RW ? 'rw' : 'ro'}`).toSorted();
  expect(mounts('transfer')).toEqual(['/data rw', '/library rw', '/secrets ro']);
  for (const service of ['indexer', 'watcher'])
    expect(mounts(service)).toEqual(['/data rw', '/library ro', '/secrets ro']);
  for (const service of ['gateway', 'p2p-node']) expect(mounts(service)).toEqual(['/data rw', '/secrets ro']);

  const networks = (service: string) => Object.keys(services.get(service)?.NetworkSettings.Networks ?? {}).toSorted();
  for (const service of ['gateway', 'p2p-node']) expect(networks(service)).toEqual(['donor_inner', 'donor_outer']);
  for (const service of ['indexer', 'nats', 'transfer', 'watcher']) expect(networks(service)).toEqual(['donor_inner']);

  for (const { Config, HostConfig } of services.values()) {
    expect(['node', '1000:1000']).toContain(Config.User);
    expect(HostConfig).toMatchObject({ ReadonlyRootfs: true, CapDrop: ['ALL'] });
  }
  for (const service of SERVICES) expect(services.get(service)?.HostConfig.Memory).toBeGreaterThan(0);
});

test.each([
  ['gateway', ['carrier-token', 'nats-password']],
  ['indexer', ['meilisearch-key', 'nats-password']],
  ['nats', ['passwords.conf']],
  ['p2p-node', ['carrier-token', 'nats-password']],
  ['transfer', ['carrier-token', 'nats-password']],
  ['watcher', ['nats-password']],
])('%s sees its own secrets alone', async (service, secrets) => {
  const files = await donor.exec(service, 'find', '/secrets', '-type', 'f');
  expect(files.trim().split('\n').toSorted()).toEqual(secrets.map((name) => `/secrets/${name}`));
});

test('the bus refuses p2p-node what is not its own', async () => {
  const publish = `
    const { connect } = await import('@nats-io/transport-node');
    const pass = (await import('node:fs')).readFileSync('/secrets/nats-password', 'utf8');
    const bus = await connect({ servers: 'nats:4222', user: 'p2p-node', pass });
    const errors = (async () => { for await (const { type, error } of bus.status()) if (type === 'error') return error.name; })();
    bus.publish('library.document.added', '{}');
    console.log(await errors);
    await bus.close();
    console.log(await connect({ servers: 'nats:4222', user: 'transfer', pass }).then(() => 'let in', () => 'refused'));`;
  const run = ['sh', '-c', 'cd /app/libs/messaging && exec node --input-type=module --eval "$0"', publish];
  const printed = await donor.exec('p2p-node', ...run);
  expect(printed.trim().split('\n')).toEqual(['PermissionViolationError', 'refused']);
});

test('a document that is dropped in the folder is found through the gateway', async () => {
  await donor.drop('harbour.txt', 'The old map of the harbour');
  await eventually(async () => (await donor.search('harbour')).some(({ local }) => local), PATIENT);
});

test('a node on another network finds it and fetches it', async () => {
  const [found] = await eventually(async () => {
    const results = await node.search('harbour');
    return results.length > 0 && results;
  }, PATIENT);
  expect(found).toMatchObject({ name: 'harbour.txt', local: false });
  await completed(await fetchedBy(node, found?.documentId ?? ''));
  await access(join(node.library, 'harbour.txt'));
});

test('replicas are added while a download runs, and Prometheus sees each of them', async () => {
  const download = await slowDownload('scaled.bin');
  const port = await freePort();
  await node.configure({ ALLIBRARY_HTTP_PORT: `${port}-${port + 1}` });
  const scale = ['transfer=3', 'indexer=2', 'gateway=2'].flatMap((each) => ['--scale', each]);
  await node.compose('up', '--detach', '--wait', ...scale);
  const healthy = (await node.containers()).filter(({ Health }) => Health === 'healthy').map(({ Service }) => Service);
  expect(healthy.filter((service) => service === 'transfer')).toHaveLength(3);
  expect(healthy.filter((service) => service === 'indexer')).toHaveLength(2);
  expect(healthy.filter((service) => service === 'gateway')).toHaveLength(2);
  await completed(download);
  expect(await sha256Of(join(node.library, 'scaled.bin'))).toBe(await sha256Of(join(donor.library, 'scaled.bin')));

  await node.compose('--profile', 'monitoring', 'up', '--detach', 'prometheus', 'node-exporter');
  await eventually(async () => {
    const replicas = { gateway: 2, indexer: 2, 'p2p-node': 1, transfer: 3, watcher: 1 };
    expect(await node.counted('count by (service) (up{job="allibrary"} == 1)', 'service')).toEqual(replicas);
    expect(await node.counted('count by (job) (up{job="machine"} == 1)', 'job')).toEqual({ machine: 1 });
    return true;
  }, PATIENT);
  await node.compose('up', '--detach', '--wait', '--remove-orphans');
});

test.for([...SERVICES, 'nats'])('docker kill of %s loses nothing', async (service) => {
  const download = await slowDownload(`during-${service}.bin`);
  await node.drop(`before-${service}.txt`, `A letter to ${service} before`);
  await node.compose('kill', service);
  await node.drop(`after-${service}.txt`, `A letter to ${service} after`);
  await node.compose('up', '--detach', '--wait');
  for (const when of ['before', 'after']) {
    await eventually(
      async () => (await node.search(`letter ${service}`)).some(({ name }) => name === `${when}-${service}.txt`),
      PATIENT,
    );
  }
  await completed(download);
  const file = `during-${service}.bin`;
  expect(await sha256Of(join(node.library, file))).toBe(await sha256Of(join(donor.library, file)));
});

test('a container that dies is started again', async () => {
  const [gateway] = await donor.containers('gateway');
  const [{ State }] = JSON.parse(await engine.docker('inspect', gateway?.ID ?? '')) as [{ State: { Pid: number } }];
  process.kill(State.Pid, 'SIGKILL');
  await eventually(async () => {
    const [now] = JSON.parse(await engine.docker('inspect', gateway?.ID ?? '')) as [
      { RestartCount: number; State: { Health: { Status: string } } },
    ];
    return now.RestartCount === 1 && now.State.Health.Status === 'healthy';
  }, PATIENT);
});

test('stop is graceful: every service ends with code 0, and what it knew is there after the next start', async () => {
  await donor.compose('stop');
  const codes = (await donor.containers())
    .filter(({ Service }) => SERVICES.includes(Service))
    .map(({ ExitCode }) => ExitCode);
  expect(codes).toEqual([0, 0, 0, 0, 0]);
  await donor.compose('up', '--detach', '--wait');
  expect((await donor.search('harbour')).map(({ name }) => name)).toContain('harbour.txt');
});

test('a node that lost its settings still serves its web page', async () => {
  await donor.compose('down');
  const lose = 'rm -r /data/transfer/desired-state.sqlite* /data/transfer/settings.json*';
  await donor.compose('run', '--rm', '--no-deps', '--entrypoint', 'sh', 'transfer', '-c', lose);
  await donor.compose('up', '--detach');
  const page = await eventually(async () => {
    const response = await fetch(`http://${await donor.published('gateway', 8080)}/`);
    return response.ok && (await response.text());
  }, PATIENT);
  expect(page).toContain('api-key');
});

const fetchedBy = async (to: ComposedNode, documentId: string): Promise<string> =>
  (await to.call<Download>('POST', 'downloads', { documentId })).id;

/** The download has completed at the node. */
async function completed(id: string): Promise<void> {
  await eventually(async () => {
    const { state, reason } = await node.call<Download>('GET', `downloads/${id}`);
    if (state === 'failed') throw new Error(String(reason));
    return state === 'completed';
  }, PATIENT);
}

/** A download of the node that takes some ten seconds, and runs. */
async function slowDownload(file: string): Promise<string> {
  await donor.drop(file, randomBytes(48 * MIB));
  await node.call('PUT', 'settings/limits', { downloadBytesPerSecond: 5 * MIB });
  const [{ documentId }] = await eventually(async () => {
    const found = (await node.search(file)).filter(({ name }) => name === file);
    return found.length > 0 && (found as [(typeof found)[0]]);
  }, PATIENT);
  const id = await fetchedBy(node, documentId);
  await eventually(async () => (await node.call<Download>('GET', `downloads/${id}`)).state === 'active', PATIENT);
  return id;
}
