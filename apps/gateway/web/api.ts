import type { ReplyFrom, SearchResult, StatusReport } from '@allibrary/api';
import type {
  Collection,
  CollectionsSettings,
  Download,
  DownloadPriority,
  Limits,
  SettingsOf,
  StoredSection,
} from '@allibrary/contracts';

export type { SearchResult, StatusReport };

const API = '/api/v1';

/** A collection's settings and its status. */
export type CollectionWithStatus = ReplyFrom<'GET /collections'>['items'][number];

/** A collection that leaves out what the node leaves out by default. */
export type NewCollection = Omit<Collection, 'ignore'>;

/** The settings of the collections. */
export type WantedCollections = SettingsOf<typeof CollectionsSettings>;

/** A section of the settings with its revision. */
export type Revised<T> = StoredSection & { readonly value: T };

/** Results of a search so far. */
export type SearchResults = Pick<ReplyFrom<'GET /search'>, 'results' | 'total' | 'suggestion' | 'facets'>;

/** Peers that a search has reached, and its unavailable parts. */
export type Coverage = ReplyFrom<'GET /search'>['coverage'] & Pick<ReplyFrom<'GET /search'>, 'unavailable'>;

/** The node refused a request. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

async function call<T>(method: string, path: string, init: RequestInit = {}): Promise<T> {
  const answer = await fetch(API + path, { ...init, method }).catch(() => null);
  if (answer === null) throw new ApiError(0, 'The node does not answer. Is it running?');
  const body: unknown = answer.status === 204 ? null : await answer.json().catch(() => null);
  if (answer.ok) return body as T;
  const { error } = (body ?? {}) as { error?: { message: string } };
  throw new ApiError(answer.status, error?.message ?? `The node answered ${answer.status}.`);
}

const send = <T>(
  method: string,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<T> =>
  call<T>(method, path, {
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

const post = <T>(path: string, body: unknown): Promise<T> => send<T>('POST', path, body);

/** The requests of the page; the session's cookie goes with each. */
export const api = {
  signIn: (key: string) => call<void>('POST', '/session', { headers: { authorization: `Bearer ${key}` } }),
  signOut: () => call<void>('DELETE', '/session'),
  status: () => call<StatusReport>('GET', '/status'),
  documents: (limit: number, cursor: string | null) =>
    call<ReplyFrom<'GET /documents'>>(
      'GET',
      `/documents?${new URLSearchParams({ limit: String(limit), ...(cursor && { cursor }) })}`,
    ),
  downloads: () => call<ReplyFrom<'GET /downloads'>>('GET', '/downloads?limit=200'),
  startDownload: (documentId: string) => post<Download>('/downloads', { documentId }),
  collections: () => call<ReplyFrom<'GET /collections'>>('GET', '/collections'),
  scanCollection: (id: string) => post<void>(`/collections/${id}/scan`, {}),
  confirmDeletions: (id: string) =>
    post<ReplyFrom<'POST /collections/:id/confirm-deletions'>>(`/collections/${id}/confirm-deletions`, {}),
  wantedCollections: () => call<Revised<WantedCollections>>('GET', '/settings/collections'),
  setCollections: (
    wanted: Omit<WantedCollections, 'collections'> & { readonly collections: readonly (Collection | NewCollection)[] },
    seenRevision: number,
  ) => send<Revised<WantedCollections>>('PUT', '/settings/collections', wanted, { 'if-match': `"${seenRevision}"` }),
  steerDownload: (id: string, command: 'pause' | 'resume' | 'retry') =>
    call<ReplyFrom<'GET /downloads/:id'>>('POST', `/downloads/${id}/${command}`),
  prioritiseDownload: (id: string, priority: DownloadPriority) =>
    send<ReplyFrom<'PATCH /downloads/:id'>>('PATCH', `/downloads/${id}`, { priority }),
  removeDownload: (id: string) => call<void>('DELETE', `/downloads/${id}`),
  traffic: () => call<ReplyFrom<'GET /traffic'>>('GET', '/traffic'),
  limits: () => call<Revised<Limits>>('GET', '/settings/limits'),
  setLimits: (limits: Limits, seenRevision: number) =>
    send<Revised<Limits>>('PUT', '/settings/limits', limits, { 'if-match': `"${seenRevision}"` }),
  audit: () => call<ReplyFrom<'GET /audit'>>('GET', '/audit'),
  startAudit: () => post<ReplyFrom<'POST /audit'>>('/audit', {}),
  peers: () => call<ReplyFrom<'GET /peers'>>('GET', '/peers'),
  disconnectPeer: (peerId: string) => call<void>('DELETE', `/peers/${peerId}`),
  connectPeer: (multiaddr: string) => post<ReplyFrom<'POST /peers'>>('/peers', { multiaddr }),
};

/** Where a document's bytes are. */
export const contentUrl = (documentId: string): string => `${API}/documents/${documentId}/content`;

/** Where a small picture of a document's cover is, if it has one. */
export const coverUrl = (documentId: string): string => `${API}/documents/${documentId}/cover`;

/** URL of the node's events. */
export const eventsUrl = `${API}/events`;

/** URL of a search's events; `narrowing` holds its other parameters. */
export const searchUrl = (text: string, narrowing: Readonly<Record<string, string>>): string =>
  `${API}/search/stream?${new URLSearchParams({ q: text, limit: '50', facets: 'true', ...narrowing })}`;
