import { type IndexableDocument } from '../search/search-index.ts';
import { searchableName } from '../search/name-words.ts';
import { identifierWord, identifiersIn } from '../search/identifiers.ts';
import { passagesOf } from '../search/passages.ts';
import { sortKeyOf } from '../search/sort-key.ts';
import { ASCII, fold } from '../extraction/text/words.ts';
import type { DocumentRecord, PassageRecord } from './schema.ts';

const NO_PASSAGE = { page: null, chapter: null, text: '' } as const;

/** The id of a document's passage, counted from 0. */
export const passageIdOf = (documentId: string, number: number): string => `${documentId}-${number}`;

/** What is stored of a document's passages; of one without a text a single one, which is found by its name. */
export function passageRecordsOf(document: IndexableDocument): PassageRecord[] {
  const { documentId, name, sizeBytes, mediaType, isPublic, collections, indexedAtMs } = document;
  const { title, creators, publisher, subjects, identifiers, language, year } = document.metadata;
  const passages = [...passagesOf(document)];
  return (passages.length === 0 ? [NO_PASSAGE] : passages).map(({ page, chapter, text }, number) => ({
    ...{
      id: passageIdOf(documentId, number),
      documentId,
      name,
      sizeBytes,
      mediaType,
      isPublic,
      collections,
      indexedAtMs,
    },
    ...{ title, creators, language, year, page, chapter },
    nameWords: document.source.names.map(searchableName).join('\n'),
    subjects: [
      ...[...subjects, ...(publisher === null ? [] : [publisher]), ...identifiers.map(({ value }) => value)],
      ...new Set([...identifiers.map(identifierWord), ...identifiersIn(text).map(({ word }) => word)]),
    ],
    body: text,
    folded: ASCII.test(text) ? null : fold(text),
    decade: year === null ? null : Math.floor(year / 10) * 10,
    sortTitle: sortKeyOf(title ?? name),
  }));
}

/** Returns the record of a document, which is stored beside its passages. */
export function documentRecordOf(document: IndexableDocument, revision: number, passages: number): DocumentRecord {
  const { documentId, source, mediaType, isPublic, collections, words, problem, indexedAtMs, divisions } = document;
  const { problemCode, metadata, origins, sidecarProblem, picturePages } = document;
  const pages = divisions.at(-1)?.page ?? null;
  return {
    ...{ documentId, revision, isRemoved: false, source, mediaType, isPublic, collections, words, problem },
    ...{ problemCode, pages, picturePages, metadata, origins, sidecarProblem, indexedAtMs, passages },
  };
}

/** Returns the record of a removed document. */
export const removalRecordOf = (documentId: string, revision: number): DocumentRecord => ({
  ...{ documentId, revision, isRemoved: true, source: null, mediaType: '', isPublic: false, words: 0 },
  ...{ problem: null, problemCode: null, collections: [], indexedAtMs: 0, pages: null, picturePages: 0 },
  ...{ metadata: null, origins: {}, sidecarProblem: null, passages: 0 },
});
