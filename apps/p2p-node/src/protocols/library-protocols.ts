import { DocumentId, SearchHits, SearchRequest } from '@allibrary/contracts';
import { z } from 'zod';
import { type Exchange, encode } from './exchange.ts';
import { QUESTION_LIMITS } from './protocol-limits.ts';

/** The most hits that a peer is asked for. */
export const MOST_HITS = 50;

const SearchQuestion = SearchRequest.extend({ limit: z.int().min(1).max(MOST_HITS) });

/** Asks a peer to search its own index (docs/PROTOCOL.md). */
export const SEARCH = {
  protocol: '/allibrary/search/1.0.0',
  limits: QUESTION_LIMITS,
  question: SearchQuestion,
  maxQuestionBytes: 8_192,
  answer: SearchHits,
  maxAnswerBytes: 262_144,
  timeoutMs: 5_000,
} satisfies Exchange<typeof SearchQuestion, typeof SearchHits>;

/** The most documents in one `have` question. */
export const MOST_ASKED_DOCUMENTS = 16;

const HaveQuestion = z.object({ documentIds: z.array(DocumentId).min(1).max(MOST_ASKED_DOCUMENTS) });
const HaveAnswer = z.object({ held: z.array(z.boolean()).max(MOST_ASKED_DOCUMENTS) });

/** Asks a peer which of some documents it shares (docs/PROTOCOL.md). */
export const HAVE = {
  protocol: '/allibrary/have/1.0.0',
  limits: QUESTION_LIMITS,
  question: HaveQuestion,
  maxQuestionBytes: 4_096,
  answer: HaveAnswer,
  maxAnswerBytes: 256,
  timeoutMs: 5_000,
} satisfies Exchange<typeof HaveQuestion, typeof HaveAnswer>;

/** As many of the best hits as one answer can hold. */
export function fitAnswer({ hits, total }: z.output<typeof SearchHits>): z.output<typeof SearchHits> {
  let fitting = hits.slice(0, MOST_HITS);
  while (encode({ hits: fitting, total }).length > SEARCH.maxAnswerBytes) fitting = fitting.slice(0, -1);
  return { hits: fitting, total };
}
