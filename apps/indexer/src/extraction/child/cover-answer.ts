import { Answer, type Usage } from './answers.ts';
import type { AskingEnd } from './pieced-text.ts';

/** What came of asking a child for a cover. */
export type CoverOutcome = { readonly cover: Buffer | null; readonly usage: Usage } | { readonly end: AskingEnd };

/** Reads a child's answer to the question for a cover. */
export class CoverAnswer {
  /** Nothing about it takes longer. */
  readonly isRecognising = false;

  /** Takes the one message; a file that has changed meanwhile has no cover. */
  take(message: unknown): CoverOutcome {
    const { success, data } = Answer.safeParse(message);
    if (success && data.kind === 'changed') return { cover: null, usage: data.usage };
    if (!success || data.kind !== 'cover') return { end: { cause: 'lying' } };
    return { cover: data.jpeg === null ? null : Buffer.from(data.jpeg, 'base64'), usage: data.usage };
  }
}
