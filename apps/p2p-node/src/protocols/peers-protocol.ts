import { z } from 'zod';
import type { Exchange } from './exchange.ts';
import { PEER_EXCHANGE_LIMITS } from './protocol-limits.ts';

/** The most records in an answer. */
export const MOST_RECORDS = 20;
const MOST_RECORD_CHARACTERS = 2_048;

const PeersQuestion = z.object({ limit: z.int().min(1).max(MOST_RECORDS) });
const PeersAnswer = z.object({ records: z.array(z.base64().max(MOST_RECORD_CHARACTERS)).max(MOST_RECORDS) });

/** Asks a peer for signed records of libraries that it is connected to (docs/PROTOCOL.md). */
export const PEERS = {
  protocol: '/allibrary/peers/1.0.0',
  limits: PEER_EXCHANGE_LIMITS,
  question: PeersQuestion,
  maxQuestionBytes: 64,
  answer: PeersAnswer,
  maxAnswerBytes: 49_152,
  timeoutMs: 5_000,
} satisfies Exchange<typeof PeersQuestion, typeof PeersAnswer>;

/** The text of a record in an answer; null for one that is too long to be passed on. */
export function recordText(envelope: Uint8Array): string | null {
  const text = Buffer.from(envelope).toString('base64');
  return text.length > MOST_RECORD_CHARACTERS ? null : text;
}
