import { z } from 'zod';
import { request, requestMany, signal } from './contract.ts';
import { DocumentId, MultiaddrText, PeerId, TimestampMs } from './content.ts';
import { Findability } from './findability.ts';

/** How this node reaches its network: `direct` by its own open port, `none` when it has no peer. */
export const NetworkMethod = z.enum(['direct', 'none']);

/** A peer that this node is connected to. */
export const Peer = z.object({
  peerId: PeerId,
  multiaddr: MultiaddrText,
  direction: z.enum(['inbound', 'outbound']),
  /** The software it says it runs; null until it has said so. */
  agent: z.string().max(256).nullable(),
  /** Whether it speaks the protocols of AlLibrary. */
  isLibrary: z.boolean(),
  connectedAtMs: TimestampMs,
});
export type Peer = z.output<typeof Peer>;

/** What p2p-node knows about its own standing in the network. */
export const NetworkStatus = z.object({
  peerId: PeerId,
  multiaddrs: z.array(MultiaddrText),
  connected: z.boolean(),
  method: NetworkMethod,
  peers: z.int().nonnegative(),
  /** Documents announced on the DHT, and those that wait for it. */
  announcedDocuments: z.int().nonnegative(),
  waitingDocuments: z.int().nonnegative(),
  /** Whether others can find them; null until it was checked. */
  findable: Findability.nullable(),
});
export type NetworkStatus = z.output<typeof NetworkStatus>;

/** This node's identity, addresses and connection. */
export const GetNetworkStatus = request({
  subject: 'p2p.status',
  request: z.object({}),
  reply: NetworkStatus,
  timeoutMs: 5_000,
});

/** The peers that are connected now. */
export const ListPeers = request({
  subject: 'p2p.peers.list',
  request: z.object({}),
  reply: z.object({ items: z.array(Peer).max(1_000) }),
  timeoutMs: 5_000,
});

/** Connects to a peer by its address, which names its peer id; `unavailable` when it can't be reached. */
export const ConnectPeer = request({
  subject: 'p2p.peers.connect',
  request: z.object({ multiaddr: MultiaddrText }),
  reply: Peer,
  timeoutMs: 20_000,
});

/** Finds peers that hold a document, this node left out; each is named once. */
export const FindSources = requestMany({
  subject: 'p2p.sources.find',
  request: z.object({ documentId: DocumentId, limit: z.int().min(1).max(50).default(20) }),
  reply: z.object({ peerId: PeerId }),
  timeoutMs: 15_000,
});

/** A peer came or went, or the node's addresses changed. */
export const NetworkChanged = signal({ subject: 'live.network.changed', schema: NetworkStatus });

/** The protocol by which pieces of documents are fetched (docs/PROTOCOL.md): transfer speaks it, p2p-node carries it. */
export const PIECES_PROTOCOL = '/allibrary/pieces/1.0.0';

/** The most documents that one notice of partial documents names. */
export const MOST_PARTIAL_DOCUMENTS = 500;

/** Documents of which peers can have pieces here while they are downloaded; said again and again, and forgotten else. */
export const PartialDocumentsOffered = signal({
  subject: 'live.transfer.partial',
  schema: z.object({ documentIds: z.array(DocumentId).max(MOST_PARTIAL_DOCUMENTS) }),
});

/** A peer sent transfer what no honest peer sends. */
export const PeerOffended = signal({ subject: 'live.transfer.offended', schema: z.object({ peerId: PeerId }) });
