import { type Collection, CollectionChanged, type CollectionStatus } from '@allibrary/contracts';
import type { Bus } from '@allibrary/messaging';
import type { Clock } from '../known/clock.ts';
import type { KnownCollection } from '../known/known-collection.ts';
import type { CollectionScan } from '../reviewing/collection-scan.ts';
import type { ReviewQueue } from '../reviewing/review-queue.ts';
import { etaMs } from '../reviewing/scan-progress.ts';
import type { RootWatch } from '../seeing/root-watch.ts';

/** The collaborators of a collection's status. */
export interface StatusParts {
  readonly collection: Collection;
  readonly roots: RootWatch;
  readonly known: Pick<KnownCollection, 'files' | 'record'>;
  readonly reviews: Pick<ReviewQueue, 'waiting'>;
  readonly scan: Pick<CollectionScan, 'progress'>;
  readonly bus: Pick<Bus, 'signal'>;
  readonly clock: Clock;
}

/** The state of a collection, as it is shown and published. */
export class CollectionStatusPublisher {
  #published = '';

  constructor(private readonly parts: StatusParts) {}

  get collection(): Collection {
    return this.parts.collection;
  }

  get isScanning(): boolean {
    return this.parts.scan.progress !== null;
  }

  get current(): CollectionStatus {
    const { collection, roots, known, reviews, scan, clock } = this.parts;
    const { record, files } = known;
    const problem = roots.state?.kind === 'unavailable' ? roots.state : record.freeze;
    const { mode, reason } = roots.changes.choice;
    return {
      id: collection.id,
      state: this.#state(),
      evidence: problem?.evidence.slice(0, 1_000) ?? null,
      remedy: problem?.remedy ?? null,
      folderIdentity: record.root,
      watchMode: mode,
      watchModeReason: reason.slice(0, 500),
      knownFiles: files.count,
      waitingFiles: reviews.waiting,
      scan: scan.progress && { ...scan.progress, etaMs: etaMs(scan.progress, clock.wallMs()) },
      lastScanAtMs: record.lastScanAtMs,
    };
  }

  /** Publishes the status if it has changed since the last time. */
  publish(): void {
    const status = this.current;
    const text = JSON.stringify(status);
    if (text === this.#published) return;
    this.#published = text;
    this.parts.bus.signal(CollectionChanged, status);
  }

  #state(): CollectionStatus['state'] {
    const { roots, known } = this.parts;
    if (roots.state?.kind === 'unavailable') return 'unavailable';
    if (known.record.freeze) return 'frozen';
    return known.record.lastScanAtMs === null ? 'scanning' : 'watching';
  }
}
