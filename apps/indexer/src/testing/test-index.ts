import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type LibraryAnswer, type SearchHit, SearchLibrary } from '@allibrary/contracts';
import { tempFolder } from '@allibrary/testing';
import { Meilisearch } from 'meilisearch';
import { afterEach, beforeEach, describe } from 'vitest';
import { NO_METADATA } from '../extraction/description/metadata.ts';
import { Fts5Threads } from '../fts5/fts5-threads.ts';
import { keyUidOf, openMeilisearch } from '../meilisearch/open-meilisearch.ts';
import { schemaOf } from '../meilisearch/schema.ts';
import type { IndexQuestion, IndexableDocument, SearchIndex } from '../search/search-index.ts';

const ANYTHING: IndexQuestion = { ...SearchLibrary.request.parse({ text: 'anything' }), scope: 'all' };

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

interface Engine {
  readonly name: string;
  /** Null where it can't run here. */
  readonly open: (() => Promise<TestIndex>) | null;
}

const { MEILI_URL: url, MEILI_MASTER_KEY: masterKey } = process.env;

const ENGINES: readonly Engine[] = [
  { name: 'FTS5', open: openFts5 },
  url
    ? { name: 'Meilisearch', open: () => openMeili(url) }
    : { name: 'Meilisearch (skipped: MEILI_URL names none)', open: null },
];

/** Runs a suite on every engine that can run here, each test on an index of its own. */
export function onEachEngine(suite: (opened: () => TestIndex) => void): void {
  for (const { name, open } of ENGINES) {
    describe.skipIf(open === null)(`on ${name}`, () => {
      let opened: TestIndex;
      beforeEach(async () => {
        if (open) opened = await open();
      });
      afterEach(() => opened.close());
      suite(() => opened);
    });
  }
}

/** Opens an index of the embedded engine. */
export async function openFts5(): Promise<TestIndex> {
  const folder = await tempFolder();
  const index = Fts5Threads.open(join(folder.path, 'index.db'));
  return new TestIndex(index, async () => {
    await index.close();
    await folder.remove();
  });
}

/** A real Meilisearch, in which the test has indexes of its own and leaves none. */
async function openMeili(address: string): Promise<TestIndex> {
  const prefix = `test-${randomUUID()}`;
  const index = await openMeilisearch({ url: address, masterKey, prefix });
  return new TestIndex(index, async () => {
    await index.close();
    const client = new Meilisearch({ host: address, ...(masterKey === undefined ? {} : { apiKey: masterKey }) });
    for (const { uid } of Object.values(schemaOf(prefix))) await client.deleteIndex(uid).waitTask();
    if (masterKey !== undefined) await client.deleteKey(keyUidOf(prefix));
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
  const locations = [{ collection: 'library', path: name }];
  const source = { names: [change.name ?? name], locations, describing: locations, sidecar: null };
  const common = { sizeBytes: text.length, mediaType: 'text/plain', isPublic: true, indexedAtMs: 1.5 };
  const sound = { problem: null, problemCode: null, sidecarProblem: null, picturePages: 0 };
  const described = { metadata: NO_METADATA, origins: {}, collections: ['library'] };
  return {
    documentId: idOf(name),
    name,
    text,
    divisions: [],
    words,
    source,
    ...common,
    ...sound,
    ...described,
    ...change,
  };
}
