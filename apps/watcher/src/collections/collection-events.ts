import type { ReviewEvent } from '../reviewing/review-events.ts';
import type { ChangeEvent } from '../seeing/change-notifications.ts';
import type { RootCheck } from '../seeing/root-watch.ts';

/** Work that takes a while and runs beside the owner, each kind once at a time. */
export type Work = 'root-check' | 'full-scan' | 'folder-scans' | 'losses' | 'status';

/** What the end of a work tells its owner. */
export type WorkEvent =
  | { readonly kind: 'root-checked'; readonly result: RootCheck }
  | { readonly kind: 'scan-ended' }
  | { readonly kind: 'folders-scanned' }
  | { readonly kind: 'losses-judged'; readonly isComplete: boolean }
  | { readonly kind: 'status-published' };

/** All that happens to a watched collection. */
export type CollectionEvent =
  | ChangeEvent
  | ReviewEvent
  | WorkEvent
  | { readonly kind: 'scan-requested'; readonly folder: string }
  | { readonly kind: 'work-failed'; readonly work: Work }
  | { readonly kind: 'timer'; readonly work: Work };
