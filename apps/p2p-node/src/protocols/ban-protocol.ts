import { z } from 'zod';
import type { Exchange } from './exchange.ts';
import { BAN_NOTICE_LIMITS } from './protocol-limits.ts';

const Notice = z.object({ reason: z.string().min(1).max(100), seconds: z.int().min(1).max(86_400) });
const Receipt = z.object({});

/** Informs a peer that it is banned, why and for how long, before its connections are closed (docs/PROTOCOL.md). */
export const BAN = {
  protocol: '/allibrary/ban/1.0.0',
  limits: BAN_NOTICE_LIMITS,
  question: Notice,
  maxQuestionBytes: 256,
  answer: Receipt,
  maxAnswerBytes: 64,
  timeoutMs: 1_000,
} satisfies Exchange<typeof Notice, typeof Receipt>;
