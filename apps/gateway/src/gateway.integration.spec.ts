// Real: nats-server, the gateway with its HTTP server. The other services are stand-ins of the test on the real bus.
import { API_ROOT, type RouteName, parseRouteKey, routes } from '@allibrary/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { API_KEY, type TestGateway, type PlainInit, startTestGateway, posted } from './testing/test-gateway.ts';
import { PEER_IDS, documentIdOf, documentNamed } from './testing/stand-in-services.ts';

const download = {
  id: '0b7e3a64-6f0c-4c39-9a4b-0f5f0f7f1a11',
  documentId: documentIdOf('d'),
  name: 'd.txt',
  sizeBytes: 10,
  bytesDone: 5,
  state: 'active' as const,
  cause: null,
  reason: null,
  priority: 'normal' as const,
  sources: [{ peerId: PEER_IDS[0], bytes: 5 }],
  requestedAtMs: 1,
};

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
  gateway.world.documents = ['a', 'b', 'c'].map(documentNamed);
  gateway.world.downloads = [download];
});
afterAll(() => gateway.stop());

const expectError = async (answer: Response, status: number, code: string, message: RegExp | string = /./) => {
  expect([answer.status, await answer.json()]).toEqual([
    status,
    { error: { code, message: typeof message === 'string' ? message : expect.stringMatching(message) } },
  ]);
};

describe('access', () => {
  test('nobody without the key', async () => {
    const answer = await fetch(`${gateway.url}/api/v1/status`);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    await expectError(answer, 401, 'unauthorized');
    await expectError(
      await gateway.ask('/api/v1/status', { headers: { authorization: 'Bearer wrong' } }),
      401,
      'unauthorized',
    );
  });

  test.each(Object.keys(routes) as RouteName[])('%s is served, and not without the key', async (name) => {
    const { method, path } = parseRouteKey(name);
    const refused = await fetch(`${gateway.url}${API_ROOT}${path}`, { method });
    await expectError(refused, 401, 'unauthorized');
  });

  test.each(['/health/live', '/health/ready', '/metrics', '/api/docs', '/api/docs-json'])(
    '%s is open',
    async (path) => {
      expect((await fetch(gateway.url + path)).status).toBe(200);
    },
  );

  test('the key opens a session, whose cookie serves our own page until it is ended', async () => {
    const opened = await gateway.ask('/api/v1/session', { method: 'POST' });
    const setCookie = opened.headers.get('set-cookie') ?? '';
    expect(setCookie).toMatch(/HttpOnly.*SameSite=Strict/i);
    expect(setCookie).not.toContain(API_KEY);
    const cookie = setCookie.split(';')[0] ?? '';
    const withCookie = (path: string, init: PlainInit = {}) =>
      fetch(gateway.url + path, { ...init, headers: { cookie, ...init.headers } });

    expect((await withCookie('/api/v1/status')).status).toBe(200);
    const cancel = `/api/v1/downloads/${download.id}`;
    await expectError(await withCookie(cancel, { method: 'DELETE' }), 403, 'forbidden');
    const foreign = { 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:1' };
    await expectError(await withCookie(cancel, { method: 'DELETE', headers: foreign }), 403, 'forbidden');
    const own = { origin: gateway.url };
    expect((await withCookie(cancel, { method: 'DELETE', headers: own })).status).toBe(204);

    expect((await withCookie('/api/v1/session', { method: 'DELETE', headers: own })).status).toBe(204);
    await expectError(await withCookie('/api/v1/status'), 401, 'unauthorized');
  });
});

describe('resources', () => {
  test('documents come page by page', async () => {
    const first = await (await gateway.ask('/api/v1/documents?limit=2')).json();
    expect(first).toEqual({ items: [documentNamed('a'), documentNamed('b')], nextCursor: '2', total: 3 });
    const second = await (await gateway.ask('/api/v1/documents?limit=2&cursor=2')).json();
    expect(second).toEqual({ items: [documentNamed('c')], nextCursor: null, total: 3 });
    expect(await (await gateway.ask(`/api/v1/documents/${documentIdOf('b')}`)).json()).toEqual(documentNamed('b'));
  });

  test('the report of a document is returned, or 404 while it is not indexed', async () => {
    const metadata = { title: 'Of Herons', creators: [], year: 1998, publisher: null, subjects: [], identifiers: [] };
    const report = {
      ...{ documentId: documentIdOf('b'), mediaType: 'application/pdf', pages: 7, words: 900 },
      ...{ problem: null, problemCode: null, indexedAtMs: 1 },
      metadata: { ...metadata, language: 'en' },
      origins: { title: 'sidecar', year: 'document', language: 'text' } as const,
      sidecarProblem: null,
      picturePages: 2,
    };
    gateway.world.reports = [report];
    expect(await (await gateway.ask(`/api/v1/documents/${documentIdOf('b')}/report`)).json()).toEqual(report);
    await expectError(await gateway.ask(`/api/v1/documents/${documentIdOf('a')}/report`), 404, 'not-found', /indexed/);
  });

  test('a cover is a sandboxed picture, or 404', async () => {
    const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0]);
    gateway.world.covers.set(documentIdOf('b'), { jpeg: jpeg.toString('base64') });
    const answer = await gateway.ask(`/api/v1/documents/${documentIdOf('b')}/cover`);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(jpeg);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/jpeg',
      'content-security-policy': expect.stringContaining('sandbox'),
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, max-age=86400',
    });
    await expectError(await gateway.ask(`/api/v1/documents/${documentIdOf('a')}/cover`), 404, 'not-found', /no cover/);
  });

  test('a download is started, listed, read and cancelled', async () => {
    const started = await gateway.ask('/api/v1/downloads', posted({ documentId: download.documentId }));
    expect([started.status, await started.json()]).toEqual([202, download]);
    expect(await (await gateway.ask('/api/v1/downloads?state=active')).json()).toMatchObject({
      items: [download],
      nextCursor: null,
      counts: { active: 1 },
    });
    expect(await (await gateway.ask(`/api/v1/downloads/${download.id}`)).json()).toEqual(download);
    const cancelled = await gateway.ask(`/api/v1/downloads/${download.id}`, { method: 'DELETE' });
    expect([cancelled.status, await cancelled.text()]).toEqual([204, '']);
  });

  test('many downloads are started at once, each with its own result', async () => {
    const documentIds = [documentIdOf('y'), documentIdOf('z')];
    const started = await gateway.ask('/api/v1/downloads', posted({ documentIds }));
    const items = documentIds.map((each) => ({ documentId: each, id: null, failure: null }));
    expect([started.status, await started.json()]).toEqual([202, { items }]);
    await expectError(await gateway.ask('/api/v1/downloads', posted({})), 400, 'invalid', /either documentId or/);
  });

  test('downloads take commands, one by one and many at once', async () => {
    const own = `/api/v1/downloads/${download.id}`;
    gateway.world.questions = [];
    for (const command of ['pause', 'resume', 'retry'])
      expect(await (await gateway.ask(`${own}/${command}`, { method: 'POST' })).json()).toEqual(download);
    const changed = await gateway.ask(own, { ...posted({ priority: 'high', moveToFront: true }), method: 'PATCH' });
    expect([changed.status, await changed.json()]).toEqual([200, download]);
    const many = { ids: [download.id], command: { do: 'pause' } };
    expect(await (await gateway.ask('/api/v1/downloads/commands', posted(many))).json()).toMatchObject({
      items: [{ id: download.id, failure: null }],
    });
    expect(gateway.world.questions).toMatchObject([
      ...['pause', 'resume', 'retry'].map((command) => ({ command: { do: command } })),
      { command: { do: 'prioritise', priority: 'high' } },
      { command: { do: 'move-to-front' } },
      many,
    ]);
    gateway.world.refuses = true;
    await expectError(await gateway.ask(`${own}/pause`, { method: 'POST' }), 409, 'conflict', 'it has ended');
    gateway.world.refuses = false;
  });

  test('the traffic is reported with its limits', async () => {
    expect(await (await gateway.ask('/api/v1/traffic')).json()).toMatchObject({
      limits: { downloadBytesPerSecond: 100_000, because: 'limits' },
      month: { since: '2026-11-01' },
    });
  });

  test('peers are listed and connected', async () => {
    const listed = await (await gateway.ask('/api/v1/peers')).json();
    expect(listed).toMatchObject({ items: [{ peerId: PEER_IDS[0] }], nextCursor: null });
    const connected = await gateway.ask('/api/v1/peers', posted({ multiaddr: '/ip4/192.0.2.9/tcp/1' }));
    expect([connected.status, await connected.json()]).toMatchObject([201, { multiaddr: '/ip4/192.0.2.9/tcp/1' }]);
    const parted = await gateway.ask(`/api/v1/peers/${PEER_IDS[0]}`, { method: 'DELETE' });
    expect([parted.status, await parted.text()]).toEqual([204, '']);
    expect((await gateway.ask(`/api/v1/peers/${PEER_IDS[1]}`, { method: 'DELETE' })).status).toBe(404);
  });

  test('the OpenAPI document describes the routes', async () => {
    const { paths } = (await (await fetch(`${gateway.url}/api/docs-json`)).json()) as { paths: Record<string, object> };
    expect(paths['/api/v1/search']).toMatchObject({
      get: {
        parameters: expect.arrayContaining([expect.objectContaining({ name: 'q', in: 'query', required: true })]),
      },
    });
  });

  test('requests are counted by the template of their route', async () => {
    await gateway.ask(`/api/v1/documents/${documentIdOf('b')}`);
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toMatch(
      /allibrary_http_requests_total\{route="\/api\/v1\/documents\/:documentId",method="GET",status="2xx"/,
    );
    expect(metrics).not.toContain(documentIdOf('b'));
  });
});

describe('errors have one form', () => {
  test.each([
    ['/api/v1/documents/nonsense', 'documentId: must be a CIDv1 in base32, like bafybei… or bafkrei…'],
    ['/api/v1/documents?limit=0', /^limit: /],
    ['/api/v1/search', /^q: /],
    ['/api/v1/search?q=%20', 'q: must not be empty'],
    [`/api/v1/search?q=${'x'.repeat(513)}`, 'q: must have at most 512 characters'],
    ['/api/v1/search?q=a&q=b', /^q: /],
    ['/api/v1/search?q=a&scope=moon&limit=x', /^scope: .*; limit: /],
    ['/api/v1/search/stream?q=', 'q: must not be empty'],
    ['/api/v1/documents/%E0%A4%A', /./],
  ])('400 for %s', async (path, message) => {
    await expectError(await gateway.ask(path), 400, 'invalid', message);
  });

  test('400 for a missing body, and for one that is not JSON', async () => {
    await expectError(await gateway.ask('/api/v1/downloads', { method: 'POST' }), 400, 'invalid');
    await expectError(
      await gateway.ask('/api/v1/downloads', posted({ documentId: 1 })),
      400,
      'invalid',
      /^documentId: /,
    );
    await expectError(await gateway.ask('/api/v1/downloads', { ...posted(1), body: '{' }), 400, 'invalid', /JSON/);
  });

  test('404 for what is not here, and for paths that do not exist', async () => {
    await expectError(
      await gateway.ask(`/api/v1/documents/${documentIdOf('z')}`),
      404,
      'not-found',
      'no such document',
    );
    await expectError(await gateway.ask('/api/v1/nonsense'), 404, 'not-found');
    await expectError(await gateway.ask('/nonsense'), 404, 'not-found');
  });

  test('409 for a document that is here already', async () => {
    const answer = await gateway.ask('/api/v1/downloads', posted({ documentId: documentIdOf('a') }));
    await expectError(answer, 409, 'conflict', 'the document is here already');
  });

  test('400 for a body that is nested too deeply', async () => {
    const body = `{"budget":${'['.repeat(30_000)}${']'.repeat(30_000)}}`;
    const answer = await gateway.ask('/api/v1/settings/limits', {
      ...posted({}),
      method: 'PUT',
      body,
    });
    await expectError(answer, 400, 'invalid', 'the body is nested more than 32 levels deep');
  });

  test('413 for a body of more than 64 KiB', async () => {
    const answer = await gateway.ask('/api/v1/peers', posted({ multiaddr: 'x'.repeat(65_536) }));
    await expectError(answer, 413, 'too-large');
  });

  test('503 with the message of the service that cannot do it now', async () => {
    const answer = await gateway.ask('/api/v1/peers', posted({ multiaddr: '/dns4/unreachable/tcp/1' }));
    await expectError(answer, 503, 'unavailable', 'the peer can not be reached');
  });
});
