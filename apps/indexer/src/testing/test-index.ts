import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type LibraryAnswer, type SearchHit, SearchRequest } from '@allibrary/contracts';
import { openReadModel } from '@allibrary/platform';
import { tempFolder } from '@allibrary/testing';
import { NO_METADATA } from '../domain/metadata.ts';
import { Fts5Index } from '../fts5-index.ts';
import { FTS5_SCHEMA } from '../fts5-schema.ts';
import type { IndexQuestion, IndexableDocument, SearchIndex } from '../search-index.ts';

const ANYTHING: IndexQuestion = { ...SearchRequest.parse({ text: 'anything' }), scope: 'all', facets: false };

/** An index of a test, on a store of its own, with short ways to ask it. */
export class TestIndex {
  constructor(
    readonly index: SearchIndex,
    readonly close: () => Promise<void>,
  ) {}

  ask(text: string, change: Partial<IndexQuestion> = {}): Promise<LibraryAnswer> {
    return this.index.search({ ...ANYTHING, text, ...change });
  }

  async search(text: string, change?: Partial<IndexQuestion>): Promise<SearchHit[]> {
    return (await this.ask(text, change)).hits;
  }

  async namesFor(text: string, change?: Partial<IndexQuestion>): Promise<string[]> {
    return (await this.search(text, change)).map(({ name }) => name);
  }
}

/** Opens each engine, by its name. */
export const ENGINES: readonly (readonly [string, () => Promise<TestIndex>])[] = [['FTS5', openFts5]];

async function openFts5(): Promise<TestIndex> {
  const folder = await tempFolder();
  const model = openReadModel({ file: join(folder.path, 'index.db'), ...FTS5_SCHEMA });
  return new TestIndex(new Fts5Index(model), () => {
    model.close();
    return folder.remove();
  });
}

/** A document id for each label. */
export function idOf(label: string): string {
  const hex = createHash('sha256').update(label).digest('hex').slice(0, 52);
  return `bafkrei${hex.replaceAll(/[0189]/g, (digit) => ({ 0: 'g', 1: 'h', 8: 'i', 9: 'j' })[digit] ?? digit)}`;
}

/** A document of a name and a text, all else as it is most often. */
export function documentOf(name: string, text: string, change: Partial<IndexableDocument> = {}): IndexableDocument {
  const words = text.split(/\s+/).filter(Boolean).length;
  const common = { sizeBytes: text.length, mediaType: 'text/plain', isPublic: true, problem: null, indexedAtMs: 1.5 };
  return { documentId: idOf(name), name, text, divisions: [], metadata: NO_METADATA, words, ...common, ...change };
}
