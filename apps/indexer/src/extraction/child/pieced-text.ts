import { Answer, type Usage } from './answers.ts';
import type { Extraction } from '../extraction.ts';
import type { ProcessEnd } from './extraction-process.ts';

const MAX_PROBLEM_CHARACTERS = 400;

/** Why there is no answer. */
export type AskingEnd =
  | ProcessEnd
  | { readonly cause: 'lying' }
  | { readonly cause: 'too-slow'; readonly limitMs: number };

/** What came of asking a child. */
export type Outcome = { readonly extraction: Extraction; readonly usage: Usage } | { readonly end: AskingEnd };

/** Puts a child's answer together; one that is no answer, or longer than what was asked for, is not listened to. */
export class PiecedText {
  readonly #pieces: string[] = [];
  #isRecognising = false;
  #room: number;

  constructor(maxCharacters: number) {
    this.#room = maxCharacters;
  }

  /** Whether the child has said that it takes longer. */
  get isRecognising(): boolean {
    return this.#isRecognising;
  }

  /** Takes a message; the outcome when it was the last. */
  take(message: unknown): Outcome | null {
    const parsed = Answer.safeParse(message);
    if (!parsed.success) return { end: { cause: 'lying' } };
    const answer = parsed.data;
    switch (answer.kind) {
      case 'piece':
        this.#pieces.push(answer.text);
        this.#room -= Math.max(1, answer.text.length); // an endless series of nothing is too long as well
        return this.#room < 0 ? { end: { cause: 'lying' } } : null;
      case 'recognising':
        if (this.#isRecognising) return { end: { cause: 'lying' } };
        this.#isRecognising = true;
        return null;
      case 'end': {
        const { kind: _, usage, ...end } = answer;
        return { extraction: { kind: 'text', text: this.#pieces.join(''), ...end }, usage };
      }
      case 'problem': {
        const { usage, problem, ...rest } = answer;
        return { extraction: { ...rest, problem: inOneLine(problem) }, usage };
      }
      case 'cover':
        return { end: { cause: 'lying' } };
      case 'changed':
        return { extraction: { kind: 'changed' }, usage: answer.usage };
    }
  }
}

const inOneLine = (text: string): string => text.replaceAll(/[\p{Cc}\s]+/gu, ' ').slice(0, MAX_PROBLEM_CHARACTERS);
