import type { StatusReport } from '@allibrary/api';
import {
  CheckSettings,
  CountIndexed,
  GetNetworkStatus,
  GetRates,
  ListDocuments,
  type RequestContract,
  type ReplyOf,
  type RequestInput,
} from '@allibrary/contracts';
import { type Bus, describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import { VERSION } from '../http/version.ts';

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
