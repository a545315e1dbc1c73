import { FileFound, FileLost } from '@allibrary/contracts';
import type { Bus } from '@allibrary/messaging';
import type { Clock } from './clock.ts';
import type { CollectionRecord } from './collection-record.ts';
import type { FileVersion } from '../seeing/sighting.ts';
import type { FactsPace } from './facts-pace.ts';
import type { KnownFiles } from './known-files.ts';
import type { WatcherMetrics } from './watcher-metrics.ts';

/** Why a file is called lost: it is gone, or its owner does not share it any more. */
export type LossCause = 'gone' | 'left-out';

/** What the publisher stands on. */
export interface PublisherParts {
  readonly bus: Pick<Bus, 'publish'>;
  readonly known: KnownFiles;
  readonly record: CollectionRecord;
  readonly pace: FactsPace;
  readonly metrics: WatcherMetrics;
  readonly clock: Clock;
}

/**
 * Says what became of the files of a collection. Each fact is published first and recorded afterwards: a crash in
 * between says it twice, which is harmless, and never leaves it unsaid.
 */
export class FileFactsPublisher {
  #losses = 0;

  constructor(private readonly parts: PublisherParts) {}

  /** Number of files that were published as lost since the start; a fact counts as soon as it is on its way. */
  get losses(): number {
    return this.#losses;
  }

  /** Says that a file is there in this version; rejects when the broker does not take it. */
  async found(path: string, version: FileVersion): Promise<void> {
    const { bus, known, record, pace, metrics, clock } = this.parts;
    await pace.turn();
    await bus.publish(FileFound, { collection: known.collection, path, ...version, observedAtMs: clock.wallMs() });
    known.record(path, version, record.scan);
    metrics.facts.inc({ kind: 'found' });
  }

  /** Says that a file is no longer there; rejects when the broker does not take it. */
  async lost(path: string, cause: LossCause): Promise<void> {
    const { bus, known, metrics, clock } = this.parts;
    const isLeftOut = cause === 'left-out';
    this.#losses += 1;
    await bus.publish(FileLost, { collection: known.collection, path, isLeftOut, observedAtMs: clock.wallMs() });
    known.forget(path);
    metrics.facts.inc({ kind: 'lost' });
  }
}
