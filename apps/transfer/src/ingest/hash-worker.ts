/** The body of a hashing thread: one span after the other, answered in the order in which they were asked for. */
import { parentPort } from 'node:worker_threads';
import { type Span, type SpanDigests, hashSpan } from './span-hasher.ts';

/** What a thread answers for one span. */
export type HashAnswer =
  | { readonly result: SpanDigests }
  | { readonly error: { readonly message: string; readonly code: string | undefined } };

function answer(span: Span): HashAnswer {
  try {
    return { result: hashSpan(span) };
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    return { error: { message, code } };
  }
}

parentPort?.on('message', (span: Span) => parentPort?.postMessage(answer(span)));
