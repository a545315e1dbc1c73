import { join } from 'node:path';
import { moveReadModel, readModelVersion } from '@allibrary/platform';
import { FTS5_SCHEMA, canAnswer } from '../fts5/fts5-schema.ts';
import { Fts5Threads } from '../fts5/fts5-threads.ts';
import type { IndexerConfig } from '../indexer.config.ts';
import { openMeilisearch } from '../meilisearch/open-meilisearch.ts';
import { RebuildingIndex } from './rebuilding-index.ts';
import type { SearchIndex } from './search-index.ts';

type Settings = Pick<IndexerConfig, 'dataDir' | 'meilisearchUrl' | 'meilisearchMasterKey' | 'meilisearchPrefix'>;

/** Opens the configured engine. A readable previous index serves searches until the new one is complete. */
export async function openIndex({ dataDir, meilisearchUrl, ...settings }: Settings): Promise<SearchIndex> {
  const file = join(dataDir, 'indexer', 'index.db');
  if (meilisearchUrl === undefined) return openFile(file, `${file}.previous`);
  const { meilisearchMasterKey: masterKey, meilisearchPrefix: prefix } = settings;
  const next = await openMeilisearch({ url: meilisearchUrl, masterKey, prefix });
  return rebuilding(next, file);
}

/** Renames an index of an earlier version, so that the new one can be built. */
function openFile(file: string, aside: string): SearchIndex {
  const version = readModelVersion(file);
  const isEarlier = version !== null && version !== FTS5_SCHEMA.version && canAnswer(version);
  // A renamed one is complete; the file is then a rebuild that the next upgrade interrupted.
  if (isEarlier && readModelVersion(aside) === null) moveReadModel(file, aside);
  return rebuilding(Fts5Threads.open(file), aside);
}

/** Returns the new index, combined with the previous one if that still exists. */
function rebuilding(next: SearchIndex, before: string): SearchIndex {
  const version = readModelVersion(before);
  const discard = (): void => moveReadModel(before, null);
  if (version !== null && canAnswer(version))
    return new RebuildingIndex(next, Fts5Threads.open(before, version), discard);
  discard();
  return next;
}
