import type { DocumentProblemCode } from '@allibrary/contracts';
import { type IndexableDocument } from '../search/search-index.ts';
import { searchableName } from '../search/name-words.ts';
import { passagesOf } from '../search/passages.ts';
import { fold } from '../extraction/text/words.ts';
import type { DocumentRecord, PassageRecord } from './schema.ts';

const ASCII = /^\p{ASCII}*$/u;
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
    nameWords: searchableName(name),
    subjects: [...subjects, ...(publisher === null ? [] : [publisher]), ...identifiers.map(({ value }) => value)],
    body: text,
    folded: ASCII.test(text) ? null : fold(text),
    decade: year === null ? null : Math.floor(year / 10) * 10,
    sortTitle: fold(title ?? name),
  }));
}

/** Returns the record of a document, which is stored beside its passages. */
export function documentRecordOf(document: IndexableDocument, revision: number, passages: number): DocumentRecord {
  const { documentId, name, mediaType, isPublic, collections, words, problem, indexedAtMs, divisions } = document;
  const { problemCode, metadata, origins, sidecarProblem } = document;
  const pages = divisions.at(-1)?.page ?? null;
  return {
    ...{ documentId, revision, isRemoved: false, name, mediaType, isPublic, collections, words, problem },
    ...{ problemCode, pages, metadata, origins, sidecarProblem, indexedAtMs, passages },
  };
}

/** Returns the record of a removed document. */
export const removalRecordOf = (documentId: string, revision: number): DocumentRecord => ({
  ...{ documentId, revision, isRemoved: true, name: '', mediaType: '', isPublic: false, words: 0, problem: null },
  problemCode: null,
  ...{ collections: [], indexedAtMs: 0, pages: null, metadata: null, origins: {}, sidecarProblem: null, passages: 0 },
});

/** The code of a record's problem. Versions until 0.1 stored sentences only, of which those about OCR end alike. */
export function problemCodeOf({ problem, problemCode }: StoredProblem): DocumentProblemCode | null {
  if (problem === null || problemCode) return problemCode ?? null;
  return problem.endsWith('OCR is off') ? 'ocr-off' : 'unreadable';
}

type StoredProblem = Pick<DocumentRecord, 'problem'> & Partial<Pick<DocumentRecord, 'problemCode'>>;
