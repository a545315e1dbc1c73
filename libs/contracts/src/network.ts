import { z } from 'zod';
import { request, requestMany, signal } from './contract.ts';
import { DocumentId, MultiaddrText, PeerId, TimestampMs } from './content.ts';
import { Findability } from './findability.ts';

/** How this node reaches its network: `direct` through its own open port, `none` when it has no peer. */
export const NetworkMethod = z.enum(['direct', 'none']);

/** A peer that this node is connected to. */
export const Peer = z.object({
  peerId: PeerId,
  multiaddr: MultiaddrText,
  direction: z.enum(['inbound', 'outbound']),
  /** Software that the peer reports; null until it has reported it. */
  agent: z.string().max(256).nullable(),
  /** Whether it supports the protocols of AlLibrary. */
  isLibrary: z.boolean(),
  connectedAtMs: TimestampMs,
});
export type Peer = z.output<typeof Peer>;

/** Maximum number of bans in one status. */
export const MOST_BANS = 20;

/** A ban of this node by a peer, as the peer reports it. */
export const BanByPeer = z.object({
  peerId: PeerId,
  /** Kind of misbehaviour that the peer sees in this node, such as `too-fast`. */
  reason: z.string().max(100),
  untilMs: TimestampMs,
});

/** Network status of p2p-node. */
export const NetworkStatus = z.object({
  peerId: PeerId,
  multiaddrs: z.array(MultiaddrText),
  connected: z.boolean(),
  method: NetworkMethod,
  peers: z.int().nonnegative(),
  /** Number of documents announced on the DHT, and of those waiting to be announced. */
  announcedDocuments: z.int().nonnegative(),
  waitingDocuments: z.int().nonnegative(),
  /** Result of the self-check; null until the first one. */
  findable: Findability.nullable(),
  /** Peers that have banned this node for a time, the latest first. */
  bannedBy: z.array(BanByPeer).max(MOST_BANS),
});
export type NetworkStatus = z.output<typeof NetworkStatus>;

/** Returns this node's identity, addresses and connectivity. */
export const GetNetworkStatus = request({
  subject: 'p2p.status',
  request: z.object({}),
  reply: NetworkStatus,
  timeoutMs: 5_000,
});

/** Lists the connected peers. */
export const ListPeers = request({
  subject: 'p2p.peers.list',
  request: z.object({}),
  reply: z.object({ items: z.array(Peer).max(1_000) }),
  timeoutMs: 5_000,
});

/** Connects to a peer by its address, which includes its peer id; `unavailable` when it cannot be reached. */
export const ConnectPeer = request({
  subject: 'p2p.peers.connect',
  request: z.object({ multiaddr: MultiaddrText }),
  reply: Peer,
  timeoutMs: 20_000,
});

/** Maximum number of further documents in one request for sources. */
export const MOST_SOON = 15;

/** Finds peers that have a document, except this node; each is returned once. */
export const FindSources = requestMany({
  subject: 'p2p.sources.find',
  request: z.object({
    documentId: DocumentId,
    /** Documents that will be requested next. Libraries are asked about all of them in one question. */
    soon: z.array(DocumentId).max(MOST_SOON).default([]),
    limit: z.int().min(1).max(50).default(20),
  }),
  reply: z.object({ peerId: PeerId }),
  timeoutMs: 15_000,
});

/** Finds who has each of some documents, except this node. A peer may be returned twice: confirmed, and by the DHT. */
export const ListSources = requestMany({
  subject: 'p2p.sources.list',
  request: z.object({ documentIds: z.array(DocumentId).min(1).max(100) }),
  reply: z.object({
    peerId: PeerId,
    documentIds: z.array(DocumentId).max(100),
    /** Whether the peer itself confirmed it; otherwise it comes from the DHT, and the peer may have left. */
    isConfirmed: z.boolean(),
  }),
  timeoutMs: 10_000,
});

/** Network status after a peer connected or disconnected, or the node's addresses changed. */
export const NetworkChanged = signal({ subject: 'live.network.changed', schema: NetworkStatus });

/** Protocol for fetching pieces (docs/PROTOCOL.md): transfer implements it, p2p-node carries the streams. */
export const PIECES_PROTOCOL = '/allibrary/pieces/1.0.0';

/** Maximum number of documents in one notice of partial documents. */
export const MOST_PARTIAL_DOCUMENTS = 500;

/** Partial documents whose pieces peers can request; re-sent periodically, and expires otherwise. */
export const PartialDocumentsOffered = signal({
  subject: 'live.transfer.partial',
  schema: z.object({ documentIds: z.array(DocumentId).max(MOST_PARTIAL_DOCUMENTS) }),
});

/** Misbehaviour of a peer, reported by transfer. */
export const PeerOffended = signal({
  subject: 'live.transfer.offended',
  schema: z.object({ peerId: PeerId, kind: z.enum(['violation', 'wrong-bytes']) }),
});
