import type { Bus } from '@allibrary/messaging';
import type { ReadModel } from '@allibrary/platform';
import type { BackPressure } from './back-pressure.ts';
import type { Clock } from './clock.ts';
import { CollectionRecord } from './collection-record.ts';
import { FileFactsPublisher } from './file-facts.publisher.ts';
import { KnownFiles } from './known-files.ts';
import type { WatcherMetrics } from './watcher-metrics.ts';

/** What is stored of a collection, and the publisher of its facts. */
export interface KnownCollection {
  readonly files: KnownFiles;
  readonly record: CollectionRecord;
  readonly publisher: FileFactsPublisher;
}

/** The collections of which something is stored, whether they are still wanted or not. */
export class KnownCollections {
  constructor(
    private readonly model: ReadModel,
    private readonly bus: Pick<Bus, 'publish'>,
    private readonly backPressure: BackPressure,
    private readonly metrics: WatcherMetrics,
    private readonly clock: Clock,
  ) {}

  /** The ids of all collections of which something is stored. */
  get ids(): string[] {
    return CollectionRecord.ids(this.model);
  }

  find(id: string): KnownCollection {
    const { model, bus, backPressure, metrics, clock } = this;
    const files = new KnownFiles(model, id);
    const record = new CollectionRecord(model, id);
    return { files, record, publisher: new FileFactsPublisher({ bus, files, record, backPressure, metrics, clock }) };
  }
}
