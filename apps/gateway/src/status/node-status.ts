import {
  CheckSettings,
  CountIndexed,
  GetNetworkStatus,
  GetRates,
  ListCollections,
  ListDocuments,
  NetworkStatus,
  type RequestContract,
  type ReplyOf,
  type RequestInput,
} from '@allibrary/contracts';
import { type Bus, describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import { z } from 'zod';
import { VERSION } from '../http/version.ts';

/** A health check has its own limit, which is a little higher. */
const READY_LIMIT_MS = 1_500;

const network = NetworkStatus.pick({
  peerId: true,
  multiaddrs: true,
  connected: true,
  method: true,
  peers: true,
  findable: true,
  bannedBy: true,
}).shape;

const OtherService = z.enum(['p2p-node', 'transfer', 'indexer', 'watcher']);

/** Overview of the node. */
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
  /** How far the index is behind, and how many pages it knows only as pictures; null when the indexer does not answer. */
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

/** Requests the status of all services at once. The fields of an unavailable service are null. */
export class NodeStatus {
  constructor(
    private readonly bus: Bus,
    private readonly logger: Logger,
  ) {}

  async report(signal?: AbortSignal): Promise<StatusReport> {
    const [standing, documents, rates, indexed, settings, collections] = await Promise.all([
      this.#ask(GetNetworkStatus, {}, signal),
      this.#ask(ListDocuments, { limit: 1 }, signal),
      this.#ask(GetRates, {}, signal),
      this.#ask(CountIndexed, {}, signal),
      this.#ask(CheckSettings, {}, signal),
      this.#ask(ListCollections, {}, signal),
    ]);
    const answered = {
      'p2p-node': standing,
      transfer: documents && rates && settings,
      indexer: indexed,
      watcher: collections,
    };
    return {
      peerId: standing?.peerId ?? null,
      multiaddrs: standing?.multiaddrs ?? null,
      connected: standing?.connected ?? null,
      method: standing?.method ?? null,
      peers: standing?.peers ?? null,
      findable: standing?.findable ?? null,
      bannedBy: standing?.bannedBy ?? null,
      documents: documents?.total ?? null,
      indexedDocuments: indexed?.documents ?? null,
      indexing: indexed && indexingOf(indexed, documents?.total ?? 0),
      downloadBytesPerSecond: rates?.downloadBytesPerSecond ?? null,
      uploadBytesPerSecond: rates?.uploadBytesPerSecond ?? null,
      settingsProblem: settings?.problem ?? null,
      version: VERSION,
      unavailable: OtherService.options.filter((service) => !answered[service]),
    };
  }

  /** Why the status cannot be reported in full; null when it can. */
  async problem(): Promise<string | null> {
    const { unavailable } = await this.report(AbortSignal.timeout(READY_LIMIT_MS));
    return unavailable.length === 0 ? null : `these services do not answer: ${unavailable.join(', ')}`;
  }

  async #ask<C extends RequestContract>(
    contract: C,
    question: RequestInput<C>,
    signal: AbortSignal | undefined,
  ): Promise<ReplyOf<C> | null> {
    try {
      return await this.bus.request(contract, question, signal && { signal });
    } catch (error) {
      this.logger.debug({ subject: contract.subject, error: describeError(error) }, 'service status unavailable');
      return null;
    }
  }
}

/** A document whose event has not reached the indexer yet waits, too. */
function indexingOf(
  { waiting, secondsLeft, isRebuilding, picturePages, documents }: ReplyOf<typeof CountIndexed>,
  known: number,
): NonNullable<StatusReport['indexing']> {
  const missing = known - documents;
  return { waiting: missing > 0 ? Math.max(waiting ?? 0, missing) : waiting, secondsLeft, isRebuilding, picturePages };
}
