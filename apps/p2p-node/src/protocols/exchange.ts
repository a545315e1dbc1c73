import type { Stream } from '@libp2p/interface';
import { lpStream } from '@libp2p/utils';
import { z } from 'zod';

/** The answer of a peer that does not answer now. */
export const Refused = z.object({ refused: z.string().max(100) });

/** A peer that sent something else than the protocol says. */
export class ProtocolViolation extends Error {
  override readonly name = 'ProtocolViolation';
}

/** The two frames of an exchange, and how long each may be. */
export interface Exchange<Q extends z.ZodType, R extends z.ZodType> {
  readonly protocol: string;
  readonly question: Q;
  readonly maxQuestionBytes: number;
  readonly answer: R;
  readonly maxAnswerBytes: number;
  readonly timeoutMs: number;
}

/** Sends the question and reads the answer, each one length-prefixed JSON frame; the stream is gone afterwards. */
export async function ask<Q extends z.ZodType, R extends z.ZodType>(
  stream: Stream,
  { question: schema, maxAnswerBytes, answer, timeoutMs }: Exchange<Q, R>,
  question: z.input<Q>,
  signal: AbortSignal,
): Promise<z.output<R>> {
  const options = { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) };
  try {
    const frames = lpStream(stream, { maxDataLength: maxAnswerBytes });
    await frames.write(encode(schema.parse(question)), options);
    const reply = parse(z.union([answer, Refused]), (await frames.read(options)).subarray());
    await stream.close(options);
    const refused = Refused.safeParse(reply);
    if (refused.success) throw new Error(`it refused: ${refused.data.refused}`);
    return reply as z.output<R>;
  } catch (error) {
    stream.abort(error as Error);
    throw error;
  }
}

/** Reads the question and sends the answer; whatever goes wrong, the stream is gone afterwards. */
export async function answer<Q extends z.ZodType, R extends z.ZodType>(
  stream: Stream,
  { question, maxQuestionBytes, maxAnswerBytes, timeoutMs }: Exchange<Q, R>,
  respond: (question: z.output<Q>, signal: AbortSignal) => Promise<z.input<R>>,
): Promise<void> {
  const options = { signal: AbortSignal.timeout(timeoutMs) };
  try {
    const frames = lpStream(stream, { maxDataLength: maxQuestionBytes });
    const asked = parse(question, (await frames.read(options)).subarray());
    const bytes = encode(await respond(asked, options.signal));
    if (bytes.length > maxAnswerBytes) throw new Error(`an answer of ${bytes.length} bytes is too long to be sent`);
    await frames.write(bytes, options);
    await stream.close(options);
  } catch (error) {
    stream.abort(error as Error);
    throw error;
  }
}

/** Says no, politely. */
export async function refuse(stream: Stream, reason: string): Promise<void> {
  const options = { signal: AbortSignal.timeout(1_000) };
  try {
    await lpStream(stream).write(encode({ refused: reason }), options);
    await stream.close(options);
  } catch (error) {
    stream.abort(error as Error);
  }
}

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

function parse<T extends z.ZodType>(schema: T, bytes: Uint8Array): z.output<T> {
  try {
    return schema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch (cause) {
    throw new ProtocolViolation('it sent something that is not understood', { cause });
  }
}
