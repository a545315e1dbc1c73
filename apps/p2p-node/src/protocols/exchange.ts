import type { Stream } from '@libp2p/interface';
import { lpStream } from '@libp2p/utils';
import { z } from 'zod';
import { ProtocolViolation, violationsOn } from './framing.ts';
import type { ProtocolLimits } from './protocol-limits.ts';

/** A pause longer than any that a server asks for. */
const LONGEST_PAUSE_MS = 3_600_000;

/** The answer of a peer that refuses to answer. */
export const Refused = z.object({
  refused: z.string().max(100),
  /** How long to wait before asking this peer again. */
  retryAfterMs: z.int().min(0).max(LONGEST_PAUSE_MS).optional(),
});

/** A peer refused to answer. */
export class RefusedByPeer extends Error {
  override readonly name = 'RefusedByPeer';

  constructor(
    reason: string,
    /** How long to wait before asking the peer again; 0 when it gave no time. */
    readonly retryAfterMs: number,
  ) {
    super(`it refused: ${reason}`);
  }
}

/** The two frames of an exchange, and how long each may be. */
export interface Exchange<Q extends z.ZodType, R extends z.ZodType> {
  readonly protocol: string;
  readonly limits: ProtocolLimits;
  readonly question: Q;
  readonly maxQuestionBytes: number;
  readonly answer: R;
  readonly maxAnswerBytes: number;
  readonly timeoutMs: number;
}

/** Most bytes of a frame's length. Nothing may follow the frame. */
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
    if (refused.success) throw new RefusedByPeer(refused.data.refused, refused.data.retryAfterMs ?? 0);
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
  const violationOf = violationsOn(stream);
  try {
    const frames = framesOf(stream, maxQuestionBytes);
    const frame = await frames.read(options).catch((error: unknown) => {
      throw violationOf(error);
    });
    const asked = parse(question, frame.subarray());
    const bytes = encode(await respond(asked, options.signal));
    if (bytes.length > maxAnswerBytes) throw new Error(`an answer of ${bytes.length} bytes is too long to be sent`);
    await frames.write(bytes, options);
    await end(stream, timeoutMs);
  } catch (error) {
    stream.abort(error as Error);
    throw error;
  }
}

/** Answers that this node is busy, and after how long it may be asked again. */
export async function refuseAsBusy(stream: Stream, retryAfterMs: number): Promise<void> {
  const options = { signal: AbortSignal.timeout(REFUSAL_LIMIT_MS) };
  try {
    await framesOf(stream, 0).write(encode({ refused: 'busy', retryAfterMs }), options);
    await end(stream, REFUSAL_LIMIT_MS);
  } catch (error) {
    stream.abort(error as Error);
  }
}

/** The bytes of a frame that holds the value. */
export const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

const framesOf = (stream: Stream, maxBytes: number) =>
  lpStream(stream, { maxDataLength: maxBytes, maxLengthLength: LENGTH_BYTES, maxBufferSize: maxBytes + LENGTH_BYTES });

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
