/** The engines that are compared, behind one small interface. */
import { join } from 'node:path';
import { create, insert, search as searchOrama } from '@orama/orama';
import { SearchLibrary } from '@allibrary/contracts';
import MiniSearch from 'minisearch';
import { NO_METADATA } from '../../apps/indexer/src/extraction/description/metadata.ts';
import { Fts5Threads } from '../../apps/indexer/src/fts5/fts5-threads.ts';
import type { CorpusDocument } from './corpus.ts';

const LIMIT = 20;

/** A document that was found. */
export interface BenchedHit {
  readonly name: string;
  /** Null when there is none to show; undefined of an engine that shows none. */
  readonly snippet?: string | null;
}

/** What is measured of an engine. */
export interface BenchedEngine {
  add(document: CorpusDocument, number: number): Promise<void>;
  /** The best documents, of one type if it is given; passages are shown where the engine shows them. */
  search(text: string, mediaType?: string): Promise<BenchedHit[]>;
  /** Whether it can look for words that stand side by side. */
  readonly hasPhrases: boolean;
}

/** Opens an engine by its name, with its files in a folder. */
export const ENGINES: Readonly<Record<string, (folder: string) => Promise<BenchedEngine>>> = {
  FTS5: async (folder) => {
    const index = Fts5Threads.open(join(folder, 'index.db'));
    const described = { metadata: NO_METADATA, origins: {}, sidecarProblem: null, picturePages: 0 };
    const common = {
      isPublic: true,
      collections: ['library'],
      problem: null,
      problemCode: null,
      indexedAtMs: 1,
      words: 300,
      ...described,
    };
    return {
      add: async ({ name, mediaType, text }, number) => {
        const source = { names: [name], locations: [], describing: [], sidecar: null };
        const document = { documentId: String(number), name, mediaType, sizeBytes: text.length, text, divisions: [] };
        await index.upsert({ ...document, ...common, source }, number);
      },
      search: async (text, mediaType) => {
        const filters = { mediaTypes: mediaType ? [mediaType] : [] };
        const request = SearchLibrary.request.parse({ text, limit: LIMIT, filters });
        return (await index.search({ ...request, scope: 'all' })).hits;
      },
      hasPhrases: true,
    };
  },
  MiniSearch: async () => {
    const index = new MiniSearch<CorpusDocument & { id: number }>({
      fields: ['name', 'text'],
      storeFields: ['name', 'mediaType'],
    });
    // As its guide recommends for search as one types: the last word a prefix, a fifth of a word mistyped.
    const options = {
      combineWith: 'AND',
      prefix: (_: string, at: number, terms: string[]) => at === terms.length - 1,
      fuzzy: 0.2,
    } as const;
    return {
      add: async (document, id) => index.add({ id, ...document }),
      search: async (text, mediaType) =>
        index
          .search(text, mediaType ? { ...options, filter: (found) => found['mediaType'] === mediaType } : options)
          .slice(0, LIMIT)
          .map((found) => ({ name: String(found['name']) })),
      hasPhrases: false,
    };
  },
  Orama: async () => {
    const index = create({ schema: { name: 'string', mediaType: 'enum', text: 'string' } });
    return {
      add: async (document) => void (await insert(index, { ...document })),
      search: async (term, mediaType) => {
        const where = mediaType ? { where: { mediaType: { eq: mediaType } } } : {};
        const found = await searchOrama(index, { term, limit: LIMIT, threshold: 0, tolerance: 1, ...where });
        return found.hits.map(({ document }) => ({ name: String(document['name']) }));
      },
      hasPhrases: false,
    };
  },
};
