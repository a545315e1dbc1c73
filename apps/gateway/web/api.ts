import type {
  AuditReport,
  Collection,
  CollectionStatus,
  CollectionsSettings,
  Download,
  DownloadCounts,
  DownloadPriority,
  Findability,
  Highlight,
  LibraryDocument,
  Limits,
  Peer,
  SearchFacets,
  SettingsOf,
  TrafficReport,
} from '@allibrary/contracts';

const API = '/api/v1';

/** A page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** The documents of this node, with how many there are in all. */
export interface DocumentPage extends Page<LibraryDocument> {
  readonly total: number;
}

/** What is wanted of a collection, and how it stands. */
export type CollectionWithStatus = Collection & { readonly status: CollectionStatus | null };

/** A collection that leaves out what the node leaves out by default. */
export type NewCollection = Omit<Collection, 'ignore'>;

/** What is wanted of the collections, as it is kept. */
export type WantedCollections = SettingsOf<typeof CollectionsSettings>;

/** Downloads, with how many there are in each state. */
export interface DownloadPage extends Page<Download> {
  readonly counts: DownloadCounts;
}

/** A section of the settings, and which write it stems from. */
export interface Revised<T> {
  readonly value: T;
  readonly revision: number;
}

/** A document that a search found. */
export interface SearchResult {
  readonly documentId: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly mediaType: string;
  readonly title: string | null;
  readonly creators: readonly string[];
  readonly year: number | null;
  readonly local: boolean;
  readonly sources: readonly { readonly peerId: string }[];
  readonly snippet: string | null;
  readonly highlights: readonly Highlight[];
  /** Where the snippet stands. */
  readonly place: { readonly page: number | null; readonly chapter: string | null } | null;
}

/** What a search has found by now. */
export interface SearchResults {
  readonly results: readonly SearchResult[];
  /** The question as it was probably meant. */
  readonly suggestion: string | null;
  readonly facets: SearchFacets | null;
}

/** Whom a search has reached. */
export interface Coverage {
  readonly asked: number;
  readonly answered: number;
  readonly unavailable: readonly ('local' | 'network')[];
}

/** Status of the node; null is unknown. */
export interface Status {
  readonly peerId: string | null;
  readonly multiaddrs: readonly string[] | null;
  readonly connected: boolean | null;
  readonly method: 'direct' | 'none' | null;
  readonly peers: number | null;
  readonly findable: Findability | null;
  readonly documents: number | null;
  readonly indexedDocuments: number | null;
  readonly indexing: {
    readonly waiting: number | null;
    readonly secondsLeft: number | null;
    readonly isRebuilding: boolean;
    readonly picturePages: number;
  } | null;
  readonly downloadBytesPerSecond: number | null;
  readonly uploadBytesPerSecond: number | null;
  /** What is wrong with the settings, and what to do; null when they are sound. */
  readonly settingsProblem: string | null;
  readonly version: string;
  readonly unavailable: readonly string[];
}

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
  signIn: (key: string) => call<null>('POST', '/session', { headers: { authorization: `Bearer ${key}` } }),
  signOut: () => call<null>('DELETE', '/session'),
  status: () => call<Status>('GET', '/status'),
  documents: (limit: number, cursor: string | null) =>
    call<DocumentPage>('GET', `/documents?${new URLSearchParams({ limit: String(limit), ...(cursor && { cursor }) })}`),
  downloads: () => call<DownloadPage>('GET', '/downloads?limit=200'),
  startDownload: (documentId: string) => post<Download>('/downloads', { documentId }),
  collections: () => call<Page<CollectionWithStatus>>('GET', '/collections'),
  scanCollection: async (id: string): Promise<void> => {
    await post(`/collections/${id}/scan`, {});
  },
  confirmDeletions: (id: string) => post<CollectionStatus>(`/collections/${id}/confirm-deletions`, {}),
  wantedCollections: () => call<Revised<WantedCollections>>('GET', '/settings/collections'),
  setCollections: (
    wanted: Omit<WantedCollections, 'collections'> & { readonly collections: readonly (Collection | NewCollection)[] },
    seenRevision: number,
  ) => send<Revised<WantedCollections>>('PUT', '/settings/collections', wanted, { 'if-match': `"${seenRevision}"` }),
  steerDownload: (id: string, command: 'pause' | 'resume' | 'retry') =>
    call<Download>('POST', `/downloads/${id}/${command}`),
  prioritiseDownload: (id: string, priority: DownloadPriority) =>
    send<Download>('PATCH', `/downloads/${id}`, { priority }),
  removeDownload: (id: string) => call<null>('DELETE', `/downloads/${id}`),
  traffic: () => call<TrafficReport>('GET', '/traffic'),
  limits: () => call<Revised<Limits>>('GET', '/settings/limits'),
  setLimits: (limits: Limits, seenRevision: number) =>
    send<Revised<Limits>>('PUT', '/settings/limits', limits, { 'if-match': `"${seenRevision}"` }),
  audit: () => call<AuditReport>('GET', '/audit'),
  startAudit: () => post<{ files: number }>('/audit', {}),
  peers: () => call<Page<Peer>>('GET', '/peers'),
  disconnectPeer: (peerId: string) => call<null>('DELETE', `/peers/${peerId}`),
  connectPeer: (multiaddr: string) => post<Peer>('/peers', { multiaddr }),
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
