// Real: nats-server, the whole gateway. Stand-ins: the services that it asks.
import type { CollectionStatus } from '@allibrary/contracts';
import { RequestFailure } from '@allibrary/messaging';
import { eventually } from '@allibrary/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type TestGateway, startTestGateway, posted } from '../testing/test-gateway.ts';

let gateway: TestGateway;

const maps = { id: 'maps', name: 'Maps', folder: '/srv/library/maps', visibility: 'private' };
const frozen: CollectionStatus = {
  id: 'maps',
  state: 'frozen',
  evidence: '900 of 1,000 files are gone',
  remedy: 'mount the folder again, or confirm that they were deleted',
  watchMode: 'polling',
  folderIdentity: '1:2',
  watchModeReason: 'an NFS reports no changes',
  knownFiles: 1_000,
  waitingFiles: 0,
  scan: null,
  lastScanAtMs: 1,
};

beforeAll(async () => {
  gateway = await startTestGateway();
});

afterAll(() => gateway.stop());

beforeEach(() => {
  Object.assign(gateway.world, { collections: [], fileState: 'hashing' });
});

const put = (section: string, body: unknown, headers: Record<string, string> = {}) =>
  gateway.ask(`/api/v1/settings/${section}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const read = async (path: string): Promise<unknown> => (await gateway.ask(`/api/v1/${path}`)).json();

describe('settings', () => {
  test('are read from and written to the service that owns them, with the revision that was seen', async () => {
    const write = vi.spyOn(gateway.world.settings, 'write');
    const answer = await put('collections', { collections: [maps] }, { 'if-match': '"7"' });
    expect(answer.status).toBe(200);
    const written = (await answer.json()) as { revision: number };
    expect(written).toMatchObject({ value: { collections: [maps] } });
    expect(write).toHaveBeenCalledWith('collections', { collections: [maps] }, 7);
    expect(await read('settings/collections')).toEqual(written);
    await put('collections', { collections: [] });
    expect(write).toHaveBeenLastCalledWith('collections', { collections: [] }, undefined);
    write.mockRestore();
  });

  test.each([
    ['invalid', 400],
    ['not-found', 404],
    ['conflict', 409],
    ['unavailable', 503],
  ] as const)('that are refused as %s get status %i and what to change', async (code, status) => {
    const refused = new RequestFailure(code, 'what to change');
    const write = vi.spyOn(gateway.world.settings, 'write').mockRejectedValue(refused);
    const answer = await put('collections', { foo: 1 });
    expect(answer.status).toBe(status);
    expect(((await answer.json()) as { error: { message: string } }).error.message).toContain('what to change');
    write.mockRestore();
  });

  test('with a revision that is none are not even asked for', async () => {
    expect((await put('collections', { collections: [maps] }, { 'if-match': 'latest' })).status).toBe(400);
  });
});

test('collections are listed with how each stands; a frozen one is confirmed, another one can not be', async () => {
  gateway.world.collections = [frozen];
  await put('collections', { collections: [maps] });
  const listed = await eventually(async () => {
    const { items } = (await read('collections')) as { items: { id: string }[] };
    return items[0]?.id === 'maps' && items;
  });
  expect(listed).toMatchObject([{ ...maps, status: frozen }]);
  const confirmed = await gateway.ask('/api/v1/collections/maps/confirm-deletions', posted({}));
  expect(await confirmed.json()).toMatchObject({ state: 'watching' });
  gateway.world.collections = [{ ...frozen, state: 'watching' }];
  expect((await gateway.ask('/api/v1/collections/maps/confirm-deletions', posted({}))).status).toBe(409);
});

test('a file is explained by the watcher, and by transfer when it is published', async () => {
  expect(await read('files?path=/srv/library/maps/paris.png')).toMatchObject({
    collection: 'maps',
    path: 'paris.png',
    state: 'shared',
  });
  gateway.world.fileState = 'not-shared';
  expect(await read('files?path=paris.png&collection=maps')).toMatchObject({
    state: 'not-shared',
    reason: 'the watcher says so',
  });
  expect((await gateway.ask('/api/v1/files?path=/etc/passwd')).status).toBe(404);
  expect((await gateway.ask(`/api/v1/files?collection=maps&path=${'x'.repeat(5_000)}`)).status).toBe(400);
});
