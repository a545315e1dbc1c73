import type { AbortOptions, Stream } from '@libp2p/interface';
import { lpStream } from '@libp2p/utils';
import { z } from 'zod';
import { isFramingViolation } from './framing.ts';

/** The answer of a peer that does not answer now. */
export const Refused = z.object({ refused: z.string().max(100) });

/** A peer violated the protocol. */
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

/** A frame's length takes at most so many bytes, and nothing may follow the frame. */
const LENGTH_BYTES = 4;
const REFUSAL_LIMIT_MS = 1_000;

/** Sends the question and reads the answer, each one length-prefixed JSON frame. */
export async function ask<Q extends z.ZodType, R extends z.ZodType>(
  stream: Stream,
  { question: schema, maxAnswerBytes, answer, timeoutMs }: Exchange<Q, R>,
  question: z.input<Q>,
  signal: AbortSignal,
): Promise<z.output<R>> {
  const options = { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) };
  try {
    const frames = framesOf(stream, maxAnswerBytes);
    await frames.write(encode(schema.parse(question)), options);
    await stream.close(options);
    const reply = parse(z.union([answer, Refused]), (await frames.read(options)).subarray());
    end(stream, timeoutMs).catch(() => {}); // the answer is here: how the stream ends changes nothing
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
  respond: (question: z.output<Q>, signal: AbortSignal) => Promise<z.input<R> | z.input<typeof Refused>>,
): Promise<void> {
  const options = { signal: AbortSignal.timeout(timeoutMs) };
  try {
    const frames = framesOf(stream, maxQuestionBytes);
    const asked = parse(question, await readQuestion(frames, options));
    const bytes = encode(await respond(asked, options.signal));
    if (bytes.length > maxAnswerBytes) throw new Error(`an answer of ${bytes.length} bytes is too long to be sent`);
    await frames.write(bytes, options);
    await end(stream, timeoutMs);
  } catch (error) {
    stream.abort(error as Error);
    throw error;
  }
}

/** Answers with a refusal. */
export async function refuse(stream: Stream, reason: string): Promise<void> {
  const options = { signal: AbortSignal.timeout(REFUSAL_LIMIT_MS) };
  try {
    await framesOf(stream, 0).write(encode({ refused: reason }), options);
    await end(stream, REFUSAL_LIMIT_MS);
  } catch (error) {
    stream.abort(error as Error);
  }
}

/** The bytes of a frame that holds the value. */
export const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

const framesOf = (stream: Stream, maxBytes: number) =>
  lpStream(stream, { maxDataLength: maxBytes, maxLengthLength: LENGTH_BYTES, maxBufferSize: maxBytes + LENGTH_BYTES });

async function readQuestion(frames: ReturnType<typeof framesOf>, options: AbortOptions): Promise<Uint8Array> {
  try {
    return (await frames.read(options)).subarray();
  } catch (cause) {
    throw isFramingViolation(cause) ? new ProtocolViolation('question too long', { cause }) : cause;
  }
}

/** Closes our side and waits for the peer to close its own: a stream that it keeps open is reset. */
async function end(stream: Stream, limitMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(() => stream.abort(new Error('the peer does not end the stream')), limitMs);
  stream.addEventListener('close', () => resolve());
  try {
    await stream.close();
    if (stream.status === 'open' || stream.status === 'closing') await promise;
  } finally {
    clearTimeout(timer);
  }
}

function parse<T extends z.ZodType>(schema: T, bytes: Uint8Array): z.output<T> {
  try {
    return schema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch (cause) {
    throw new ProtocolViolation('message not understood', { cause });
  }
}
