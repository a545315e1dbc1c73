import {
  CheckSettings,
  ConnectPeer,
  CountIndexed,
  ListDocuments,
  NetworkStatus,
  Peer,
  PeerId,
  StoredSection,
  TrafficReport,
  page,
} from '@allibrary/contracts';
import { z } from 'zod';
import { defineRoutes } from './route.ts';

const network = NetworkStatus.pick({
  peerId: true,
  multiaddrs: true,
  connected: true,
  method: true,
  peers: true,
  findable: true,
  bannedBy: true,
}).shape;

/** The services behind the gateway. */
export const OtherService = z.enum(['p2p-node', 'transfer', 'indexer', 'watcher']);

/** Overview of the node; the fields of a service that does not reply are null. */
export const StatusReport = z.object({
  peerId: network.peerId.nullable(),
  multiaddrs: network.multiaddrs.nullable(),
  connected: network.connected.nullable(),
  method: network.method.nullable(),
  peers: network.peers.nullable(),
  /** Whether others can find this node's documents; null until the first check. */
  findable: network.findable,
  /** Peers that have banned this node for a time, as they report it. */
  bannedBy: network.bannedBy.nullable(),
  documents: ListDocuments.reply.shape.total.nullable(),
  /** Fewer than `documents` while the indexer works. */
  indexedDocuments: CountIndexed.reply.shape.documents.nullable(),
  /** Backlog of the index, and number of pages that are only images; null when the indexer does not reply. */
  indexing: CountIndexed.reply.omit({ documents: true }).nullable(),
  downloadBytesPerSecond: z.number().nullable(),
  uploadBytesPerSecond: z.number().nullable(),
  /** What is wrong with the settings and how to fix it; null when they are valid or transfer is unavailable. */
  settingsProblem: CheckSettings.reply.shape.problem,
  version: z.string(),
  /** Services that did not reply. */
  unavailable: z.array(OtherService),
});
export type StatusReport = z.output<typeof StatusReport>;

const sectionParams = z.object({ section: z.string().min(1).max(50) });

/** The revision that a change was based on, as HTTP writes an entity tag: `"12"`. */
const IfMatch = z
  .string()
  .regex(/^"\d{1,15}"$/, 'must be the revision in quotation marks, like "12"')
  .transform((text) => Number(text.slice(1, -1)))
  .optional();

/** The node itself: its status, its peers and its settings. */
export const nodeRoutes = defineRoutes({
  'GET /status': {
    summary: 'Identity, connection, documents and speeds; null where a service does not reply.',
    role: 'reader',
    reply: StatusReport,
  },
  'GET /traffic': {
    summary: 'Rates, the limits in force with their reason, and the traffic of this month.',
    role: 'reader',
    reply: TrafficReport,
  },
  'GET /peers': {
    summary: 'The connected peers, all on one page.',
    role: 'reader',
    reply: page(Peer),
  },
  'POST /peers': {
    summary: 'Connect to a peer.',
    role: 'administrator',
    status: 201,
    body: ConnectPeer.request,
    reply: Peer,
  },
  'DELETE /peers/:peerId': {
    summary: 'Disconnect from a peer; it may reconnect unless the settings deny it.',
    role: 'administrator',
    status: 204,
    params: z.object({ peerId: PeerId }),
  },
  'GET /settings/:section': {
    summary: 'One section of the settings; a section that was never written has the default values.',
    role: 'administrator',
    params: sectionParams,
    reply: StoredSection,
  },
  'PUT /settings/:section': {
    summary: 'Replace one section; it is on disk before the reply, and takes effect at once.',
    role: 'administrator',
    params: sectionParams,
    headers: z.object({ 'if-match': IfMatch }),
    body: z.unknown(),
    reply: StoredSection,
  },
  /** docs/API.md lists the types of events. */
  'GET /events': {
    summary: 'Changes of documents, downloads, collections and the network, as server-sent events.',
    role: 'reader',
    media: 'text/event-stream',
  },
  'POST /session': {
    summary: 'Exchange the API key for a session cookie of the web page, valid for twelve hours.',
    role: 'reader',
    status: 204,
  },
  'DELETE /session': { summary: 'End the session of the cookie.', role: 'reader', status: 204 },
});
