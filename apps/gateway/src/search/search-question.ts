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
  /** Whether peers are asked although they have just answered the same question. */
  readonly isRefresh: boolean;
}

/** The results of a question that its answer shows. What only the index answers comes as a page already. */
export const pageOf = (question: SearchQuestion): Page => ({
  ...{ limit: question.limit, order: question.order, readerLanguage: question.readerLanguage },
  skip: partsOf(question).length === 1 && partsOf(question)[0] === 'local' ? 0 : question.offset,
});

/** Peers have collections of their own. */
export const partsOf = ({ scope, filters }: SearchQuestion): readonly SearchPart[] =>
  filters.collections.length > 0 ? PARTS_OF_SCOPE.local : PARTS_OF_SCOPE[scope];
