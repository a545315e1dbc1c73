// Real: nats-server, the gateway with its HTTP server. The test itself publishes what the other services would.
import { once } from 'node:events';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { DocumentRemoved, type Download, DownloadsProgressed } from '@allibrary/contracts';
import { eventually } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { API_KEY, type TestGateway, startTestGateway } from '../testing/test-gateway.ts';
import { type ReceivedEvent, readEvents } from '../testing/read-events.ts';

const documentId = `bafkrei${'a'.repeat(52)}`;
const download: Download = {
  id: '0b7e3a64-6f0c-4c39-9a4b-0f5f0f7f1a11',
  documentId,
  name: 'd.txt',
  sizeBytes: 10,
  bytesDone: 5,
  state: 'active',
  cause: null,
  reason: null,
  priority: 'normal',
  sources: [],
  requestedAtMs: 1,
};

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await startTestGateway(['transfer']);
});
afterEach(() => gateway.stop());

const clients = async (): Promise<number> => {
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  return Number(/^allibrary_event_clients\S* (\d+)$/m.exec(metrics)?.[1]);
};

test('a client hears of facts and of progress, and a message that nobody can read changes nothing', async () => {
  const answer = await gateway.ask('/api/v1/events');
  expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
  gateway.bus.connection.publish(DownloadsProgressed.subject, 'no json');
  gateway.bus.connection.publish(DownloadsProgressed.subject, '{"id":1}');
  await gateway.bus.publish(DocumentRemoved, { documentId, changedAtMs: 7 });

  const events: ReceivedEvent[] = [];
  for await (const event of readEvents(answer)) {
    events.push(event);
    if (event.type === 'document.removed') gateway.bus.signal(DownloadsProgressed, { items: [download] });
    if (events.length === 2) break;
  }
  expect(events).toEqual([
    { type: 'document.removed', data: { documentId, changedAtMs: 7 } },
    { type: 'downloads', data: { items: [download] } },
  ]);
  await eventually(async () => (await clients()) === 0);
});

test('a client that reads too slowly is dropped', async () => {
  const headers = { authorization: `Bearer ${API_KEY}` };
  const request = httpGet(`${gateway.url}/api/v1/events`, { headers });
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  answer.pause();
  await eventually(async () => (await clients()) === 1);
  const large = {
    ...download,
    sources: Array.from({ length: 1_000 }, () => ({ peerId: `12D3KooW${'1'.repeat(44)}`, bytes: 1 })),
  };
  await eventually(
    async () => {
      for (let i = 0; i < 20; i++) gateway.bus.signal(DownloadsProgressed, { items: [large] });
      return (await clients()) === 0;
    },
    { timeoutMs: 30_000 },
  );
  request.on('error', () => {}).destroy();
});

test('the client after the hundredth is asked to come later', async () => {
  const leave = new AbortController();
  const join = () => gateway.ask('/api/v1/events', { signal: leave.signal });
  const answers = await Promise.all(Array.from({ length: 100 }, join));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  const late = await join();
  expect([late.status, await late.json()]).toMatchObject([503, { error: { code: 'unavailable' } }]);
  leave.abort();
  await eventually(async () => (await clients()) === 0);
});

test('a gateway that stops says so, and does not wait for its clients', async () => {
  const answer = await gateway.ask('/api/v1/events');
  const stopped = gateway.stop();
  const events: ReceivedEvent[] = [];
  for await (const event of readEvents(answer)) events.push(event);
  expect(events).toEqual([{ type: 'dropped', data: { reason: 'the gateway stops' } }]);
  await stopped;
  gateway = await startTestGateway([]);
});
