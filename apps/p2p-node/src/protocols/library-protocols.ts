import { DocumentId, SearchHits, SearchRequest } from '@allibrary/contracts';
import { z } from 'zod';
import type { Exchange } from './exchange.ts';

/** Asks a peer to search its own index (docs/PROTOCOL.md). */
export const SEARCH = {
  protocol: '/allibrary/search/1.0.0',
  question: SearchRequest,
  maxQuestionBytes: 4_096,
  answer: SearchHits,
  maxAnswerBytes: 262_144,
  timeoutMs: 5_000,
} satisfies Exchange<typeof SearchRequest, typeof SearchHits>;

const HaveQuestion = z.object({ documentIds: z.array(DocumentId).min(1).max(16) });
const HaveAnswer = z.object({ held: z.array(z.boolean()).max(16) });

/** Asks a peer which of some documents it shares (docs/PROTOCOL.md). */
export const HAVE = {
  protocol: '/allibrary/have/1.0.0',
  question: HaveQuestion,
  maxQuestionBytes: 4_096,
  answer: HaveAnswer,
  maxAnswerBytes: 256,
  timeoutMs: 5_000,
} satisfies Exchange<typeof HaveQuestion, typeof HaveAnswer>;
