import { DownloadEnded } from '@allibrary/contracts';
import { describeError } from '@allibrary/messaging';
import type { DownloadTools } from './download-run.ts';
import type { DownloadRecord } from './download-store.ts';

/** Stores and tells the end of a download, in one transaction. */
export function endDownload(
  { store, outbox, logger, now }: DownloadTools,
  { id, documentId }: DownloadRecord,
  outcome: 'completed' | 'failed',
  reason: string | null,
): void {
  const cause = outcome === 'failed' ? 'invalid-document' : null;
  const ended = { id, documentId, outcome, cause, reason, endedAtMs: now() } as const;
  store.transaction(() => {
    store.end(ended);
    outbox.add(DownloadEnded, ended);
  });
  outbox
    .flush()
    .catch((error: unknown) =>
      logger.warn({ error: describeError(error) }, 'the end of a download is published later'),
    );
}

/** Ends a download whose document came by another way, such as a copy into the folder. */
export function endAsHere(tools: DownloadTools, record: DownloadRecord): void {
  const { name, sizeBytes } = tools.catalog.document(record.documentId) ?? record;
  tools.store.saveProgress({ ...record, name, sizeBytes, bytesDone: sizeBytes ?? record.bytesDone });
  endDownload(tools, record, 'completed', null);
}
