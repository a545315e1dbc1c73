import {
  CheckSettings,
  CountIndexed,
  GetNetworkStatus,
  GetRates,
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

const network = NetworkStatus.pick({
  peerId: true,
  multiaddrs: true,
  connected: true,
  method: true,
  peers: true,
  findable: true,
}).shape;

/** Overview of the node. */
export const StatusReport = z.object({
  peerId: network.peerId.nullable(),
  multiaddrs: network.multiaddrs.nullable(),
  connected: network.connected.nullable(),
  method: network.method.nullable(),
  peers: network.peers.nullable(),
  /** Whether others can find this node's documents; null until the first check. */
  findable: network.findable,
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
  unavailable: z.array(z.enum(['p2p-node', 'transfer', 'indexer'])),
});
export type StatusReport = z.output<typeof StatusReport>;

/** Requests the status of all services at once. The fields of an unavailable service are null. */
export class NodeStatus {
  constructor(
    private readonly bus: Bus,
    private readonly logger: Logger,
  ) {}

  async report(): Promise<StatusReport> {
    const [standing, documents, rates, indexed, settings] = await Promise.all([
      this.#ask(GetNetworkStatus, {}),
      this.#ask(ListDocuments, { limit: 1 }),
      this.#ask(GetRates, {}),
      this.#ask(CountIndexed, {}),
      this.#ask(CheckSettings, {}),
    ]);
    return {
      peerId: standing?.peerId ?? null,
      multiaddrs: standing?.multiaddrs ?? null,
      connected: standing?.connected ?? null,
      method: standing?.method ?? null,
      peers: standing?.peers ?? null,
      findable: standing?.findable ?? null,
      documents: documents?.total ?? null,
      indexedDocuments: indexed?.documents ?? null,
      indexing: indexed && {
        waiting: indexed.waiting,
        secondsLeft: indexed.secondsLeft,
        isRebuilding: indexed.isRebuilding,
        picturePages: indexed.picturePages,
      },
      downloadBytesPerSecond: rates?.downloadBytesPerSecond ?? null,
      uploadBytesPerSecond: rates?.uploadBytesPerSecond ?? null,
      settingsProblem: settings?.problem ?? null,
      version: VERSION,
      unavailable: [
        ...(standing ? [] : (['p2p-node'] as const)),
        ...(documents && rates ? [] : (['transfer'] as const)),
        ...(indexed ? [] : (['indexer'] as const)),
      ],
    };
  }

  async #ask<C extends RequestContract>(contract: C, question: RequestInput<C>): Promise<ReplyOf<C> | null> {
    try {
      return await this.bus.request(contract, question);
    } catch (error) {
      this.logger.debug({ subject: contract.subject, error: describeError(error) }, 'service status unavailable');
      return null;
    }
  }
}
