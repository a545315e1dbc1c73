import type { ReviewEvent } from '../reviewing/review-events.ts';
import type { ChangeEvent } from '../seeing/change-notifications.ts';
import type { RootCheck } from '../seeing/root-watch.ts';

/** Task that takes a while and runs beside the owner, each kind once at a time. */
export type Task = 'root-check' | 'full-scan' | 'folder-scans' | 'losses' | 'status';

/** The end of a task. */
export type TaskEvent =
  | { readonly kind: 'root-checked'; readonly result: RootCheck }
  | { readonly kind: 'scan-ended' }
  | { readonly kind: 'folders-scanned' }
  | { readonly kind: 'losses-judged'; readonly isComplete: boolean }
  | { readonly kind: 'status-published' };

/** All that happens to a watched collection. */
export type CollectionEvent =
  | ChangeEvent
  | ReviewEvent
  | TaskEvent
  | { readonly kind: 'scan-requested'; readonly folder: string }
  | { readonly kind: 'task-failed'; readonly task: Task }
  | { readonly kind: 'timer'; readonly task: Task };
