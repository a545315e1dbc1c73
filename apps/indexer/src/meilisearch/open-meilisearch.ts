import { createHash } from 'node:crypto';
import { type Index, Meilisearch, MeilisearchApiError } from 'meilisearch';
import { done } from './batches.ts';
import { MeilisearchIndex } from './meilisearch-index.ts';
import { type IndexSchema, schemaOf } from './schema.ts';

/** Of one request; a search has a shorter one of its own. */
const REQUEST_LIMIT_MS = 30_000;
const ACTIONS = [
  ...['search', 'documents.*', 'indexes.create', 'indexes.get', 'settings.get', 'settings.update', 'tasks.get'],
] as const;

/** Where Meilisearch is, and what is ours there. */
export interface MeilisearchAddress {
  readonly url: string;
  /** What Meilisearch was started with; undefined for one that asks for no key. */
  readonly masterKey: string | undefined;
  /** What the names of our indexes begin with. */
  readonly prefix: string;
}

/** Opens the indexes of Meilisearch, and makes them what they must be. The master key gets it a key of its own, and nothing else. */
export async function openMeilisearch(address: MeilisearchAddress): Promise<MeilisearchIndex> {
  try {
    return await open(address);
  } catch (error) {
    const { url, masterKey } = address;
    const settings = `ALLIBRARY_MEILISEARCH_URL${masterKey === undefined ? '' : ' and ALLIBRARY_MEILISEARCH_MASTER_KEY'}`;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Meilisearch at ${url} can't be used: ${reason}. Look whether it runs, and at ${settings}`, {
      cause: error,
    });
  }
}

async function open({ url, masterKey, prefix }: MeilisearchAddress): Promise<MeilisearchIndex> {
  const clientWith = (apiKey: string | undefined): Meilisearch =>
    new Meilisearch({ host: url, timeout: REQUEST_LIMIT_MS, ...(apiKey === undefined ? {} : { apiKey }) });
  const client = clientWith(masterKey === undefined ? undefined : await ownKey(clientWith(masterKey), prefix));
  const schema = schemaOf(prefix);
  await applied(client, schema.passages);
  const { createdAt } = await applied(client, schema.documents);
  return new MeilisearchIndex({ client, schema, generation: `meilisearch-${createdAt?.getTime() ?? 0}` });
}

/** A key for our indexes alone. */
async function ownKey(master: Meilisearch, prefix: string): Promise<string> {
  const uid = keyUidOf(prefix);
  try {
    return (await master.getKey(uid)).key;
  } catch (error) {
    if (!isApiError(error, 'api_key_not_found')) throw error;
  }
  const { key } = await master.createKey({
    uid,
    name: 'AlLibrary indexer',
    actions: [...ACTIONS],
    indexes: [`${prefix}_*`],
    expiresAt: null,
  });
  return key;
}

/** Each start finds the same key: a UUID of version 4, as Meilisearch asks for, but made of the prefix. */
export function keyUidOf(prefix: string): string {
  const hex = createHash('sha256').update(`allibrary ${prefix}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

/** An index with its settings; they are given at each start, and change nothing where they are the same. */
async function applied(client: Meilisearch, { uid, primaryKey, settings }: IndexSchema): Promise<Index> {
  try {
    await client.getRawIndex(uid);
  } catch (error) {
    if (!isApiError(error, 'index_not_found')) throw error;
    await done(client.createIndex(uid, { primaryKey }));
  }
  await done(client.index(uid).updateSettings(settings));
  return client.getIndex(uid);
}

const isApiError = (error: unknown, code: string): boolean =>
  error instanceof MeilisearchApiError && error.cause?.code === code;
