import type { Logger } from '@allibrary/platform';
import type { Throttle } from '../limits/fair/throttle.ts';
import type { PeerSessions } from '../peers/peer-sessions.ts';
import type { PartialDocuments } from '../serving/partial-documents.ts';
import type { BufferPool } from '../wire/buffer-pool.ts';
import type { FetchObserver } from './fetched-pieces.ts';
import type { ManifestStore } from './obtain-manifest.ts';

/** What all fetches of this node share. */
export interface FetchTools {
  readonly sessions: PeerSessions;
  readonly manifests: ManifestStore;
  readonly partials: PartialDocuments;
  readonly pool: BufferPool;
  readonly throttle: Throttle;
  readonly observer: FetchObserver;
  readonly logger: Logger;
}
