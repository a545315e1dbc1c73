import type { RequestOf, SearchLibrary } from '@allibrary/contracts';
import type { Page, SearchPart } from './search-progress.ts';

/** Parts that a search of each scope asks. */
const PARTS_OF_SCOPE = {
  local: ['local'],
  network: ['network'],
  all: ['local', 'network'],
} as const satisfies Record<string, readonly SearchPart[]>;

/** What is searched, and where. */
export interface SearchQuestion extends Omit<RequestOf<typeof SearchLibrary>, 'publicOnly'> {
  readonly scope: keyof typeof PARTS_OF_SCOPE;
  /** Whether to ask the peers although their answers to the same question are recent. */
  readonly isRefresh: boolean;
}

/** Page of results that the reply to a question shows. If only the index is asked, its hits are that page already. */
export const pageOf = (question: SearchQuestion): Page => ({
  ...{ limit: question.limit, order: question.order, readerLanguage: question.readerLanguage },
  skip: partsOf(question).length === 1 && partsOf(question)[0] === 'local' ? 0 : question.offset,
});

/** Peers have collections of their own. */
export const partsOf = ({ scope, filters }: SearchQuestion): readonly SearchPart[] =>
  filters.collections.length > 0 ? PARTS_OF_SCOPE.local : PARTS_OF_SCOPE[scope];
