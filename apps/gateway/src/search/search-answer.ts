import { MAX_OFFSET, type SearchReply } from '@allibrary/api';
import type { SearchProgress } from './search-progress.ts';
import { type SearchQuestion, pageOf } from './search-question.ts';

/** The answer to a question as far as the search has come. */
export function answerOf(question: SearchQuestion, progress: SearchProgress): SearchReply {
  const { coverage, unavailable, remarks, total } = progress;
  const page = pageOf(question);
  const [last] = progress.results({ ...page, skip: page.skip + page.limit, limit: 1 });
  const end = question.offset + question.limit;
  const own = progress.ownTotal;
  const hasMore = last !== undefined || own.isAtLeast || own.documents > end;
  return {
    results: progress.results(page),
    total,
    nextOffset: hasMore && end <= MAX_OFFSET ? end : null,
    ...remarks,
    coverage,
    unavailable,
  };
}
