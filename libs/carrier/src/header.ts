import { createHash, timingSafeEqual } from 'node:crypto';
import { DocumentId, PeerId } from '@allibrary/contracts';
import { z } from 'zod';

/** The longest line that either side accepts, in bytes. */
export const LINE_LIMIT_BYTES = 1_024;

/** What a call is for: a stream to (or from) a peer, or a document's own bytes. */
export const CarrierHeader = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('peer'), peerId: PeerId, protocol: z.string().max(128) }),
  z.object({
    kind: z.literal('content'),
    documentId: DocumentId,
    offset: z.int().nonnegative(),
    length: z.int().nonnegative(),
  }),
]);
export type CarrierHeader = z.output<typeof CarrierHeader>;

const CallLine = z.object({ token: z.string(), header: CarrierHeader });
const AnswerLine = z.object({ refused: z.string().nullable() });

/** The caller's first line. */
export const callLine = (token: string, header: CarrierHeader): string => `${JSON.stringify({ token, header })}\n`;

/** The answerer's only line: null accepts. */
export const answerLine = (refused: string | null): string => `${JSON.stringify({ refused })}\n`;

/** Reads the caller's line; throws when it is nonsense or the token is not ours. */
export function readCall(line: string, token: string): CarrierHeader {
  const call = CallLine.parse(JSON.parse(line));
  if (!sameSecret(call.token, token))
    throw new Error('the token is wrong: all services need the same ALLIBRARY_CARRIER_TOKEN');
  return call.header;
}

/** Reads the answerer's line: null accepts, else the reason of the refusal. */
export const readAnswer = (line: string): string | null => AnswerLine.parse(JSON.parse(line)).refused;

function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
