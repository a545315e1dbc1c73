/** What reviews, scans and comparisons report to the owner of a collection. */
export type ReviewEvent =
  /** The path is to be reviewed. */
  | { readonly kind: 'hint'; readonly path: string }
  /** A review ended: fewer paths may be waiting. */
  | { readonly kind: 'reviewed'; readonly path: string }
  /** A hint was dropped because too many paths wait; only a scan finds what it was about. */
  | { readonly kind: 'hint-dropped' }
  /** Reviews fail; they are retried. */
  | { readonly kind: 'reviews-failing'; readonly error: unknown }
  | { readonly kind: 'reviews-recovered' }
  /** A folder appeared, vanished or was replaced; only a scan finds out about the files in it. */
  | { readonly kind: 'folder-changed'; readonly path: string }
  /** A known file went missing or came back. */
  | { readonly kind: 'missing-changed' }
  /** The catalog holds files that were not known here; a scan finds out whether they exist. */
  | { readonly kind: 'files-remembered' }
  /** All that the catalog holds of the collection is known here. */
  | { readonly kind: 'catalog-compared' };

/** Takes the events of the reviewing. */
export interface ReviewSink {
  push(event: ReviewEvent): void;
}
