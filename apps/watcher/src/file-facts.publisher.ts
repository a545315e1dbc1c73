import { FileFound, FileLost } from '@allibrary/contracts';
import { FIRST_COLLECTION as collection } from '@allibrary/library';
import type { Bus } from '@allibrary/messaging';
import type { Clock } from './clock.ts';
import type { FileVersion } from './domain/sighting.ts';
import type { KnownFiles } from './known-files.ts';
import type { WatcherMetrics } from './watcher-metrics.ts';

/**
 * Says what became of files. Each fact is published first and recorded afterwards: a crash in between says it twice,
 * which is harmless, and never leaves it unsaid.
 */
export class FileFactsPublisher {
  constructor(
    private readonly bus: Pick<Bus, 'publish'>,
    private readonly known: KnownFiles,
    private readonly metrics: WatcherMetrics,
    private readonly clock: Clock,
  ) {}

  /** Says that a file is there in this version; rejects when the broker does not take it. */
  async found(path: string, version: FileVersion): Promise<void> {
    await this.bus.publish(FileFound, { collection, path, ...version, observedAtMs: this.clock.wallMs() });
    this.known.record(path, version);
    this.metrics.facts.inc({ kind: 'found' });
  }

  /** Says that a file is no longer there; rejects when the broker does not take it. */
  async lost(path: string): Promise<void> {
    await this.bus.publish(FileLost, { collection, path, observedAtMs: this.clock.wallMs() });
    this.known.forget(path);
    this.metrics.facts.inc({ kind: 'lost' });
  }
}
