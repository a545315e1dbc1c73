import { MAX_OFFSET, type SearchReply } from '@allibrary/api';
import type { SearchProgress } from './search-progress.ts';
import { type SearchQuestion, pageOf } from './search-question.ts';

/** The reply to a question, from the progress of its search so far. */
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
