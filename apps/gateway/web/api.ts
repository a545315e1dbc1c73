import type { Collection, CollectionStatus, Download, LibraryDocument, Peer } from '@allibrary/contracts';

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

/** A section of the settings. */
export interface SettingsAnswer {
  readonly value: Readonly<Record<string, unknown>>;
  readonly revision: number;
}

/** A document that a search found. */
export interface SearchResult {
  readonly documentId: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly mediaType: string;
  readonly local: boolean;
  readonly sources: readonly { readonly peerId: string }[];
  readonly snippet: string | null;
}

/** Whom a search has reached. */
export interface Coverage {
  readonly asked: number;
  readonly answered: number;
  readonly unavailable: readonly ('local' | 'network')[];
}

/** How the node stands; null is what nobody could say. */
export interface Status {
  readonly peerId: string | null;
  readonly multiaddrs: readonly string[] | null;
  readonly connected: boolean | null;
  readonly method: 'direct' | 'none' | null;
  readonly peers: number | null;
  readonly documents: number | null;
  readonly indexedDocuments: number | null;
  readonly downloadBytesPerSecond: number | null;
  readonly uploadBytesPerSecond: number | null;
  readonly version: string;
  readonly unavailable: readonly string[];
}

/** The node said no. */
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

const post = <T>(path: string, body: unknown): Promise<T> =>
  call<T>('POST', path, { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

/** The requests of the page; the session's cookie goes with each. */
export const api = {
  signIn: (key: string) => call<null>('POST', '/session', { headers: { authorization: `Bearer ${key}` } }),
  signOut: () => call<null>('DELETE', '/session'),
  status: () => call<Status>('GET', '/status'),
  documents: (limit: number, cursor: string | null) =>
    call<DocumentPage>('GET', `/documents?${new URLSearchParams({ limit: String(limit), ...(cursor && { cursor }) })}`),
  downloads: () => call<Page<Download>>('GET', '/downloads?limit=200'),
  startDownload: (documentId: string) => post<Download>('/downloads', { documentId }),
  cancelDownload: (id: string) => call<null>('DELETE', `/downloads/${id}`),
  collections: () => call<Page<CollectionWithStatus>>('GET', '/collections'),
  scanCollection: async (id: string): Promise<void> => {
    await post(`/collections/${id}/scan`, {});
  },
  confirmDeletions: (id: string) => post<CollectionStatus>(`/collections/${id}/confirm-deletions`, {}),
  settings: (section: string) => call<SettingsAnswer>('GET', `/settings/${section}`),
  changeSettings: (section: string, value: unknown, seenRevision: number) =>
    call<SettingsAnswer>('PUT', `/settings/${section}`, {
      headers: { 'content-type': 'application/json', 'if-match': `"${seenRevision}"` },
      body: JSON.stringify(value),
    }),
  peers: () => call<Page<Peer>>('GET', '/peers'),
  connectPeer: (multiaddr: string) => post<Peer>('/peers', { multiaddr }),
};

/** Where a document's bytes are. */
export const contentUrl = (documentId: string): string => `${API}/documents/${documentId}/content`;

/** Where what happens on the node is told. */
export const eventsUrl = `${API}/events`;

/** Where a search is told as it goes on. */
export const searchUrl = (text: string): string =>
  `${API}/search/stream?${new URLSearchParams({ q: text, limit: '50' })}`;
