import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Findability, FindabilitySettings, type SettingsOf } from '@allibrary/contracts';
import type { Settings } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import { CID } from 'multiformats/cid';
import type { DhtLookups } from '../dht-lookups.ts';
import type { Announcements } from './announcements.ts';
import { PLACE_BYTES, RECORD_COPIES } from '../key-space.ts';
import type { Libp2pHost } from '../../network/libp2p-host.ts';

const LOOK_UP_LIMIT_MS = 15_000;
const AT_ONCE = 4;
const MINUTE_MS = 60_000;

/** Asks the network for some of our own documents, to see whether others can find them. */
export class SelfCheck {
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #waiting = new AbortController();
  #latest: Findability | null = null;

  constructor(
    private readonly host: Libp2pHost,
    private readonly announcements: Announcements,
    private readonly lookups: DhtLookups,
    private readonly logger: Logger,
    private readonly now: () => number,
  ) {}

  /** What the latest check found. */
  get latest(): Findability | null {
    return this.#latest;
  }

  /** Checks as often as the settings demand, until it is closed. */
  start(settings: Pick<Settings, 'follow'>): void {
    this.#running = this.#follow(settings, this.#stop.signal);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#waiting.abort();
    await this.#running;
  }

  /** Draws so many documents and looks each of them up as a stranger would; null when there is none to ask for. */
  async check(sampleDocuments: number, signal: AbortSignal): Promise<Findability | null> {
    const { announced } = this.announcements.counts();
    // Document ids are hashes, so those after random places of the key space are a random sample.
    const places = Array.from({ length: sampleDocuments }, () => randomBytes(PLACE_BYTES));
    const sample = this.announcements.announcedAfter(places);
    if (sample.length === 0 || this.host.services.dht.routingTable.size === 0) return null;
    const found = await this.#countFindable(sample, signal);
    const estimatedDocuments = Math.round((announced * found) / sample.length);
    const checkedAtMs = this.now();
    return { sampled: sample.length, found, announcedDocuments: announced, estimatedDocuments, checkedAtMs };
  }

  async #follow(settings: Pick<Settings, 'follow'>, signal: AbortSignal): Promise<void> {
    let checking: Promise<void> = Promise.resolve();
    for await (const { value } of settings.follow(FindabilitySettings, signal)) {
      this.#waiting.abort();
      await checking;
      this.#waiting = new AbortController();
      checking = this.#repeat(value, AbortSignal.any([signal, this.#waiting.signal]));
    }
    await checking;
  }

  async #repeat(settings: SettingsOf<typeof FindabilitySettings>, signal: AbortSignal): Promise<void> {
    if (!settings.enabled) {
      this.#latest = null;
      return;
    }
    while (!signal.aborted) {
      const checked = await this.check(settings.sampleDocuments, signal).catch(() => null);
      if (signal.aborted) return;
      if (checked) this.#take(checked);
      const waitMs = checked
        ? settings.everyMinutes * MINUTE_MS
        : Math.min(MINUTE_MS, settings.everyMinutes * MINUTE_MS);
      await delay(waitMs, undefined, { signal }).catch(() => {});
    }
  }

  #take(checked: Findability): void {
    this.#latest = checked;
    const { sampled, found } = checked;
    if (found < sampled) {
      this.logger.info({ sampled, found }, 'self-check: some announced documents were not found');
    }
  }

  async #countFindable(sample: readonly string[], signal: AbortSignal): Promise<number> {
    const waiting = [...sample];
    let found = 0;
    const lane = async (): Promise<void> => {
      for (let next = waiting.pop(); next && !signal.aborted; next = waiting.pop()) {
        if (await this.#isFindable(next, signal)) found += 1;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    return found;
  }

  /** Whether another node names us, with an address; nobody asks for more providers than there are copies. */
  async #isFindable(documentId: string, signal: AbortSignal): Promise<boolean> {
    const others = new Set<string>();
    const release = await this.lookups.turn(signal);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(LOOK_UP_LIMIT_MS)]);
    try {
      for await (const event of this.host.services.dht.findProviders(CID.parse(documentId), { signal: limit })) {
        if (event.name !== 'PEER_RESPONSE' || event.from.equals(this.host.peerId)) continue;
        for (const { id, multiaddrs } of event.providers) {
          if (multiaddrs.length === 0) continue;
          if (id.equals(this.host.peerId)) return true;
          others.add(id.toString());
        }
        if (others.size >= RECORD_COPIES) return true;
      }
    } catch {
      // What could not be asked to its end was not found.
    } finally {
      release();
    }
    return false;
  }
}
