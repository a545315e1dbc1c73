// Real: nats-server with the settings, the whole gateway. Stand-ins: the services that it asks.
import type { CollectionStatus } from '@allibrary/contracts';
import { type TempFolder, type TestNats, eventually, startNats, tempFolder } from '@allibrary/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type House, openHouse, posted } from '../testing/house.ts';

let nats: TestNats;
let folder: TempFolder;
let house: House;

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
  nats = await startNats();
  folder = await tempFolder();
  house = await openHouse({ nats, dataDir: folder.path });
});

afterAll(async () => {
  await house.stop();
  await nats.stop();
  await folder.remove();
});

beforeEach(() => {
  Object.assign(house.world, { collections: [], fileState: 'hashing' });
});

const put = (section: string, body: unknown, headers: Record<string, string> = {}) =>
  house.ask(`/api/v1/settings/${section}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const read = async (path: string): Promise<unknown> => (await house.ask(`/api/v1/${path}`)).json();

describe('settings', () => {
  test('are read with their defaults, written, and not overwritten by somebody who has not seen the last ones', async () => {
    expect(await read('settings/collections')).toMatchObject({ value: { collections: [] } });
    const answer = await put('collections', { collections: [maps] });
    expect(answer.status).toBe(200);
    const { revision, value } = (await answer.json()) as { revision: number; value: unknown };
    expect(value).toMatchObject({ collections: [{ ...maps, writable: true, ignore: [] }] });
    expect((await put('collections', { collections: [] }, { 'if-match': `"${revision - 1}"` })).status).toBe(409);
    expect(await read('settings/collections')).toMatchObject({ value: { collections: [maps] }, revision });
    expect((await put('collections', { collections: [maps] }, { 'if-match': `"${revision}"` })).status).toBe(200);
  });

  test.each([
    [
      'a folder outside of what the operator allows',
      'collections',
      { collections: [{ ...maps, folder: '/etc' }] },
      'ALLIBRARY_LIBRARY_ROOTS',
    ],
    [
      'a way out of it',
      'collections',
      { collections: [{ ...maps, folder: '/srv/library/../../etc' }] },
      'ALLIBRARY_LIBRARY_ROOTS',
    ],
    [
      'two collections of one id',
      'collections',
      { collections: [maps, { ...maps, folder: '/srv/library/b' }] },
      'an id of its own',
    ],
    ['a wrong id', 'collections', { collections: [{ ...maps, id: 'My Maps' }] }, 'collections.0.id'],
  ])('%s is refused with what to do', async (_case, section, body, message) => {
    const answer = await put(section, body);
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as { error: { message: string } }).error.message).toContain(message);
  });

  test('that do not exist are not found, and a wrong revision is refused', async () => {
    expect((await house.ask('/api/v1/settings/colours')).status).toBe(404);
    expect((await put('collections', { collections: [maps] }, { 'if-match': 'latest' })).status).toBe(400);
  });
});

test('collections are listed with how each stands; a frozen one is confirmed, another one can not be', async () => {
  house.world.collections = [frozen];
  await put('collections', { collections: [maps] });
  const listed = await eventually(async () => {
    const { items } = (await read('collections')) as { items: { id: string }[] };
    return items[0]?.id === 'maps' && items;
  });
  expect(listed).toMatchObject([{ ...maps, status: frozen }]);
  const confirmed = await house.ask('/api/v1/collections/maps/confirm-deletions', posted({}));
  expect(await confirmed.json()).toMatchObject({ state: 'watching' });
  house.world.collections = [{ ...frozen, state: 'watching' }];
  expect((await house.ask('/api/v1/collections/maps/confirm-deletions', posted({}))).status).toBe(409);
});

test('a file is explained by the watcher, and by transfer when it is published', async () => {
  expect(await read('files?path=/srv/library/maps/paris.png')).toMatchObject({
    collection: 'maps',
    path: 'paris.png',
    state: 'shared',
  });
  house.world.fileState = 'not-shared';
  expect(await read('files?path=paris.png&collection=maps')).toMatchObject({
    state: 'not-shared',
    reason: 'the watcher says so',
  });
  expect((await house.ask('/api/v1/files?path=/etc/passwd')).status).toBe(404);
});
