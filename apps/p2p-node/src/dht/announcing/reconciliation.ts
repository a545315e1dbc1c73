import type { ListRevisions, ReplyOf } from '@allibrary/contracts';
import { type Pair, comparePages } from '@allibrary/core';
import type { Logger } from '@allibrary/platform';
import type { Announcements, RecordedDocument } from './announcements.ts';

const PAGE = 1_000;

type RevisionPage = ReplyOf<typeof ListRevisions>;
type Difference = Pair<RecordedDocument, RevisionPage['items'][number]>;

/** What a comparison needs. */
export interface ReconciliationParts {
  readonly announcements: Announcements;
  /** A page of the catalog, by the service that owns it. */
  readonly revisions: (after: string, limit: number) => Promise<RevisionPage>;
  readonly logger: Pick<Logger, 'info'>;
}

/**
 * Compares which documents this node shares with the catalog, and corrects what differs: nothing depends on the bus keeping
 * a fact.
 */
export class Reconciliation {
  constructor(private readonly parts: ReconciliationParts) {}

  /** Compares once. */
  async compare(signal: AbortSignal): Promise<true> {
    const { announcements, revisions, logger } = this.parts;
    let latest = 0;
    let corrected = 0;
    const own = async (after: string) => {
      const items = announcements.recorded(after, PAGE);
      return { items, isLast: items.length < PAGE };
    };
    const source = async (after: string) => {
      signal.throwIfAborted();
      const page = await revisions(after, PAGE);
      latest = page.latest;
      return page;
    };
    const keyOf = ({ documentId }: { documentId: string }) => documentId;
    for await (const pairs of comparePages({ page: own, keyOf }, { page: source, keyOf }))
      for (const pair of pairs) corrected += Number(this.#correct(pair, latest));
    if (corrected > 0) logger.info({ corrected }, 'announcements corrected to match the catalog');
    return true;
  }

  /** Returns whether anything was corrected; a fact that came after the pages were read is kept. */
  #correct({ key: documentId, own, source }: Difference, latest: number): boolean {
    const { announcements } = this.parts;
    const isPublic = source?.isPublic ?? false;
    const revision = source?.revision ?? latest;
    const isSame = isPublic === (own?.isShared ?? false);
    if (isSame && (own?.revision ?? 0) <= revision) return false;
    // Announcements are ahead of the catalog, which has lost its latest changes: the owner's word counts.
    if (own && own.revision >= revision) announcements.rebase(documentId, own.revision, revision - 1);
    return announcements.record(documentId, isPublic, revision);
  }
}
