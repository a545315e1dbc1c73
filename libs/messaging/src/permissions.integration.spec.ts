// Real: nats-server with the users and permissions that the product configures, its streams and durables.
import * as contracts from '@allibrary/contracts';
import {
  BUS_ROLES,
  BUS_SERVICES,
  type BusService,
  type Contract,
  DocumentAdded,
  DocumentRemoved,
  FileFound,
  LimitsSettings,
  NetworkChanged,
  SearchLibrary,
  authorizationConfig,
  inboxPrefix,
  permissionsOf,
} from '@allibrary/contracts';
import { type TestNats, TestSettings, eventually, startNats } from '@allibrary/testing';
import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { durableName } from './backlog.ts';
import { Bus } from './bus.ts';
import { EventConsumer } from './event-consumer.ts';
import { Responder } from './responder.ts';
import { Settings } from './settings.ts';
import { provisionStreams } from './streams.ts';
import { serveSettings } from './testing/serve-settings.ts';

const MESSAGES = (Object.values(contracts) as unknown[]).filter(isContract);
const FILE = { collection: 'library', path: 'a.txt', sizeBytes: 1, modifiedAtMs: 1, observedAtMs: 1 };

let nats: TestNats;
const buses = new Map<BusService, Bus>();
const bus = (service: BusService) => buses.get(service) as Bus;

function isContract(value: unknown): value is Contract {
  return typeof value === 'object' && value !== null && 'subject' in value && 'kind' in value;
}

const passwordOf = (service: string) => `password of ${service}`;

const connectAs = (service: string, password = passwordOf(service)): Promise<NatsConnection> =>
  connect({ servers: nats.url, user: service, pass: password, inboxPrefix: inboxPrefix(service), reconnect: false });

beforeAll(async () => {
  const users = BUS_SERVICES.map((name) => ({
    name,
    password: JSON.stringify(passwordOf(name)),
    permissions: permissionsOf(name),
  }));
  nats = await startNats({ authorization: authorizationConfig(users) });
  const connected = BUS_SERVICES.map(async (name) => {
    const user = { name, password: passwordOf(name) };
    const each = await Bus.connect({ servers: nats.url, user, name });
    buses.set(name, each);
    await provisionStreams(each);
  });
  await Promise.all(connected);
});
afterAll(async () => {
  await Promise.all([...buses.values()].map((each) => each.close()));
  await nats.stop();
});

/** The subjects among these whose use the broker refuses. */
async function refused(
  service: BusService,
  subjects: readonly string[],
  use: (connection: NatsConnection, subject: string) => void,
): Promise<string[]> {
  const connection = await connectAs(service);
  const violations: string[] = [];
  const watching = (async () => {
    for await (const status of connection.status()) {
      const subject = status.type === 'error' && (status.error as { subject?: string }).subject;
      if (subject) violations.push(subject);
    }
  })();
  for (const subject of subjects) use(connection, subject);
  await connection.flush();
  await connection.close();
  await watching;
  return violations;
}

const publish = (connection: NatsConnection, subject: string) => connection.publish(subject, '{}');
const subscribe = (connection: NatsConnection, subject: string) =>
  connection.subscribe(subject, { callback: () => {} });

test('nobody gets in without a password, or with that of another service', async () => {
  const anonymous = connect({ servers: nats.url, reconnect: false });
  await expect(anonymous).rejects.toThrow(/authorization/i);
  await expect(connectAs('transfer', passwordOf('p2p-node'))).rejects.toThrow(/authorization/i);
  await expect(connectAs('transfer', '')).rejects.toThrow(/authorization/i);
});

test.each(BUS_SERVICES)('%s may send and receive what its role allows, and nothing else', async (service) => {
  const role = BUS_ROLES[service];
  const all = MESSAGES.map(({ subject }) => subject);
  const others = (own: readonly Contract[]) => {
    const subjects = new Set(own.map(({ subject }) => subject));
    return all.filter((subject) => !subjects.has(subject)).toSorted();
  };
  const sent = await refused(service, all, publish);
  expect(sent.toSorted()).toEqual(others([...role.publishes, ...role.signals, ...role.requests]));
  const heard = await refused(service, all, subscribe);
  expect(heard.toSorted()).toEqual(others([...role.watches, ...role.answers]));
});

test('events, requests, signals and settings work between users', async () => {
  const handled: unknown[] = [];
  const consumer = new EventConsumer({
    bus: bus('transfer'),
    service: 'transfer',
    durable: durableName('transfer', 'generation', FileFound),
    contract: FileFound,
    options: {},
    handler: async (data) => handled.push(data),
    onSettled: () => {},
  });
  await consumer.repair(await provisionStreams(bus('transfer')));
  await consumer.start(() => {});
  await bus('watcher').publish(FileFound, FILE);
  await eventually(() => expect(handled).toEqual([FILE]));
  await consumer.stop();

  const answer = { hits: [], suggestion: null, total: null, facets: null };
  const responder = new Responder({
    bus: bus('indexer'),
    service: 'indexer',
    contract: SearchLibrary,
    handler: async () => answer,
    onInternalFailure: () => {},
  });
  responder.start();
  for (const asker of ['gateway', 'p2p-node'] as const)
    expect(await eventually(() => bus(asker).request(SearchLibrary, { text: 'x' }))).toEqual(answer);
  await responder.stop();

  const end = new AbortController();
  const signals = bus('gateway').watch(NetworkChanged, end.signal);
  const first = signals.next();
  const status = {
    peerId: '12D3KooWGRUTUZTaPMJGNnBhVH7DUwtLWKdqhLPzUPmPXEjzJRFy',
    multiaddrs: [],
    connected: false,
    method: 'none' as const,
    peers: 0,
    announcedDocuments: 0,
    waitingDocuments: 0,
    findable: null,
    bannedBy: [],
  };
  await eventually(async () => {
    bus('p2p-node').signal(NetworkChanged, status);
    return Promise.race([first, Promise.reject(new Error('not heard yet'))]);
  });
  end.abort();

  const endSettings = await serveSettings(bus('transfer'), new TestSettings());
  await new Settings(bus('gateway')).write(LimitsSettings, { activeDownloads: 7 });
  for (const reader of ['p2p-node', 'indexer', 'watcher'] as const) {
    expect((await new Settings(bus(reader)).read(LimitsSettings)).value.activeDownloads).toBe(7);
    await expect(new Settings(bus(reader)).write(LimitsSettings, {})).rejects.toMatchObject({ code: 'unavailable' });
  }
  await endSettings();
});

test('a stolen credential of p2p-node neither reads nor forges facts about files', async () => {
  await bus('watcher').publish(FileFound, { ...FILE, path: 'secret.txt' });
  const thief = await connectAs('p2p-node');
  const ask = (subject: string, body: object) =>
    thief.request(subject, JSON.stringify(body), { timeout: 2_000 }).then((reply) => reply.string());
  const api = '$JS.API';
  const consumer = { durable_name: 'p2p-node__x', ack_policy: AckPolicy.Explicit, deliver_policy: DeliverPolicy.All };
  const create = { stream_name: 'LIBRARY', config: { ...consumer, filter_subject: FileFound.subject } };
  const refusals: readonly [string, object][] = [
    [`${api}.STREAM.MSG.GET.LIBRARY`, { last_by_subj: FileFound.subject }],
    [`${api}.DIRECT.GET.LIBRARY`, { last_by_subj: FileFound.subject }],
    [`${api}.DIRECT.GET.LIBRARY.${FileFound.subject}`, {}],
    [`${api}.CONSUMER.CREATE.LIBRARY`, create],
    [`${api}.CONSUMER.CREATE.LIBRARY.p2p-node__x`, create],
    [`${api}.CONSUMER.CREATE.LIBRARY.p2p-node__x.${FileFound.subject}`, create],
    [`${api}.CONSUMER.DURABLE.CREATE.LIBRARY.p2p-node__x`, create],
    [`${api}.CONSUMER.LIST.LIBRARY`, {}],
    [`${api}.CONSUMER.NAMES.LIBRARY`, {}],
    [`${api}.STREAM.UPDATE.LIBRARY`, { name: 'LIBRARY', republish: { src: '>', dest: 'live.transfer.partial' } }],
    [`${api}.STREAM.CREATE.COPY`, { name: 'COPY', sources: [{ name: 'LIBRARY' }] }],
    [`${api}.STREAM.PURGE.LIBRARY`, {}],
    [`${api}.STREAM.DELETE.LIBRARY`, {}],
    [FileFound.subject, FILE],
    [DocumentAdded.subject, {}],
    [DocumentRemoved.subject, {}],
  ];
  for (const [subject, body] of refusals) await expect(ask(subject, body), subject).rejects.toThrow(/permission/i);
  // Allowed by its subject: the broker compares the filter in the body with it.
  const smuggled = await ask(`${api}.CONSUMER.CREATE.LIBRARY.p2p-node__x.${DocumentAdded.subject}`, create);
  expect(smuggled).toContain('"error"');
  const overheard = ['>', 'library.>', FileFound.subject, '_INBOX.>', '_INBOX.transfer.>', '$JS.EVENT.>', '$JS.ACK.>'];
  expect(await refused('p2p-node', overheard, subscribe)).toEqual(overheard);
  await thief.close();
});

test('a requester cannot choose where a responder publishes its answer', async () => {
  let questions = 0;
  const responder = new Responder({
    bus: bus('indexer'),
    service: 'indexer',
    contract: SearchLibrary,
    handler: async () => {
      questions++;
      return { hits: [], suggestion: null, facets: null };
    },
    onInternalFailure: () => {},
  });
  responder.start();
  await bus('indexer').connection.flush();
  const thief = await connectAs('p2p-node');
  thief.publish(SearchLibrary.subject, '{"text":"x"}', { reply: FileFound.subject });
  await thief.request(SearchLibrary.subject, '{"text":"x"}');
  expect(questions).toBe(1);
  await thief.close();
  await responder.stop();
});
