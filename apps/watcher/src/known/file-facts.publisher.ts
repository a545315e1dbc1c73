import { FileFound, FileLost } from '@allibrary/contracts';
import type { Bus } from '@allibrary/messaging';
import type { FileVersion } from '../seeing/sighting.ts';
import type { BackPressure } from './back-pressure.ts';
import type { Clock } from './clock.ts';
import type { CollectionRecord } from './collection-record.ts';
import type { KnownFiles } from './known-files.ts';
import type { WatcherMetrics } from './watcher-metrics.ts';

/** Why a file is published as lost: it is gone, or its owner does not share it any more. */
export type LossCause = 'gone' | 'left-out';

/** The collaborators of the publisher. */
export interface PublisherParts {
  readonly bus: Pick<Bus, 'publish'>;
  readonly files: KnownFiles;
  readonly record: CollectionRecord;
  readonly backPressure: BackPressure;
  readonly metrics: WatcherMetrics;
  readonly clock: Clock;
}

/**
 * Publishes facts about the files of a collection. Each fact is published first and recorded afterwards: a crash in
 * between publishes it twice, which is harmless; the other order could lose it.
 */
export class FileFactsPublisher {
  #losses = 0;

  constructor(private readonly parts: PublisherParts) {}

  /** Number of files that were published as lost since the start; a fact counts as soon as it is on its way. */
  get losses(): number {
    return this.#losses;
  }

  /** Publishes that a file exists in this version; rejects when the broker does not store it. */
  async found(path: string, version: FileVersion): Promise<void> {
    const { bus, files, record, backPressure, metrics, clock } = this.parts;
    await backPressure.turn();
    await bus.publish(FileFound, { collection: files.collection, path, ...version, observedAtMs: clock.wallMs() });
    files.record(path, version, record.scan);
    metrics.facts.inc({ kind: 'found' });
  }

  /** Publishes that a file is no longer there; rejects when the broker does not store it. */
  async lost(path: string, cause: LossCause): Promise<void> {
    const { bus, files, metrics, clock } = this.parts;
    const isLeftOut = cause === 'left-out';
    this.#losses += 1;
    await bus.publish(FileLost, { collection: files.collection, path, isLeftOut, observedAtMs: clock.wallMs() });
    files.forget(path);
    metrics.facts.inc({ kind: 'lost' });
  }
}
