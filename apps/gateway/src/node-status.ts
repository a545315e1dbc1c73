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
import { VERSION } from './version.ts';

const network = NetworkStatus.pick({
  peerId: true,
  multiaddrs: true,
  connected: true,
  method: true,
  peers: true,
  findable: true,
}).shape;

/** The node at a glance. */
export const StatusReport = z.object({
  peerId: network.peerId.nullable(),
  multiaddrs: network.multiaddrs.nullable(),
  connected: network.connected.nullable(),
  method: network.method.nullable(),
  peers: network.peers.nullable(),
  /** Whether others can find our documents; null until it was checked. */
  findable: network.findable,
  documents: ListDocuments.reply.shape.total.nullable(),
  /** Fewer than `documents` while the indexer is at work. */
  indexedDocuments: CountIndexed.reply.shape.documents.nullable(),
  /** How far the index is behind, and how many pages it knows only as pictures; null when the indexer does not answer. */
  indexing: CountIndexed.reply.omit({ documents: true }).nullable(),
  downloadBytesPerSecond: z.number().nullable(),
  uploadBytesPerSecond: z.number().nullable(),
  /** What is wrong with the settings, and what to do about it; null when they are sound or transfer does not answer. */
  settingsProblem: CheckSettings.reply.shape.problem,
  version: z.string(),
  /** The services that did not answer. */
  unavailable: z.array(z.enum(['p2p-node', 'transfer', 'indexer'])),
});
export type StatusReport = z.output<typeof StatusReport>;

/** Asks the services how they are, side by side; one that is away leaves its fields empty. */
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
      this.logger.debug({ subject: contract.subject, error: describeError(error) }, 'the status has a gap');
      return null;
    }
  }
}
