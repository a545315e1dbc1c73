import { join } from 'node:path';
import { moveReadModel, readModelVersion } from '@allibrary/platform';
import { FTS5_SCHEMA, canAnswer } from '../fts5/fts5-schema.ts';
import { Fts5Threads } from '../fts5/fts5-threads.ts';
import type { IndexerConfig } from '../indexer.config.ts';
import { openMeilisearch } from '../meilisearch/open-meilisearch.ts';
import { RebuildingIndex } from './rebuilding-index.ts';
import type { SearchIndex } from './search-index.ts';

type Settings = Pick<IndexerConfig, 'dataDir' | 'meilisearchUrl' | 'meilisearchMasterKey' | 'meilisearchPrefix'>;

/** The engine that the settings ask for; an earlier index answers for it until it is filled, if there is one that can. */
export async function openIndex({ dataDir, meilisearchUrl, ...settings }: Settings): Promise<SearchIndex> {
  const file = join(dataDir, 'indexer', 'index.db');
  if (meilisearchUrl === undefined) return openFile(file, `${file}.previous`);
  const { meilisearchMasterKey: masterKey, meilisearchPrefix: prefix } = settings;
  const next = await openMeilisearch({ url: meilisearchUrl, masterKey, prefix });
  return rebuilding(next, file);
}

/** An index of an earlier reading steps aside for the new one, under another name. */
function openFile(file: string, aside: string): SearchIndex {
  const version = readModelVersion(file);
  const isEarlier = version !== null && version !== FTS5_SCHEMA.version && canAnswer(version);
  // One that stands aside already is whole; the file is then a rebuild that was interrupted by the next upgrade.
  if (isEarlier && readModelVersion(aside) === null) moveReadModel(file, aside);
  return rebuilding(Fts5Threads.open(file), aside);
}

/** The next index, with the one before it if that is still there. */
function rebuilding(next: SearchIndex, before: string): SearchIndex {
  const version = readModelVersion(before);
  const discard = (): void => moveReadModel(before, null);
  if (version !== null && canAnswer(version))
    return new RebuildingIndex(next, Fts5Threads.open(before, version), discard);
  discard();
  return next;
}
