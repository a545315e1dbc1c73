import { OtherService, type StatusReport } from '@allibrary/api';
import {
  CheckSettings,
  CountIndexed,
  GetNetworkStatus,
  GetRates,
  ListCollections,
  ListDocuments,
  type RequestContract,
  type ReplyOf,
  type RequestInput,
} from '@allibrary/contracts';
import { type Bus, describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import { VERSION } from '../http/version.ts';

/** A health check has its own limit, which is a little higher. */
const READY_LIMIT_MS = 1_500;

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
