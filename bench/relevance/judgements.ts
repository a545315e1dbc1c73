/** The judged questions, and how well a list of documents answers one. */

/** The best documents of a question have this grade. */
const BEST = 2;
const PARTLY = 1;
const RANKS = 10;
const RECALLED = 20;

/** A question as it stands in `questions.tsv`. */
export interface Question {
  readonly kind: string;
  readonly language: string;
  readonly text: string;
  /** The documents that the question was written for. */
  readonly answers: readonly string[];
  /** What other documents must hold to answer it in part; null when no words show that. */
  readonly passage: string | null;
}

/** The grades of the documents that are relevant to a question. */
export type Grades = ReadonlyMap<string, number>;

/** How well a list of documents answers a question; both numbers are from 0 to 1. */
export interface Score {
  readonly ndcg: number;
  readonly recall: number;
}

/** Reads the lines of `questions.tsv`; the first names its columns. */
export function parseQuestions(tsv: string): Question[] {
  const [, ...lines] = tsv.trimEnd().split('\n');
  return lines.map((line) => {
    const [kind = '', language = '', text = '', answers = '', passage = ''] = line.split('\t');
    return { kind, language, text, answers: answers.split(' ').filter(Boolean), passage: passage || null };
  });
}

/** Grades documents by their plain texts. The texts are those of {@link comparable}. */
export function gradesOf({ answers, passage }: Question, texts: ReadonlyMap<string, string>): Grades {
  const grades = new Map(answers.map((name) => [name, BEST]));
  if (passage === null) return grades;
  const wanted = comparable(passage);
  for (const [name, text] of texts) if (!grades.has(name) && text.includes(wanted)) grades.set(name, PARTLY);
  return grades;
}

/** Whether the passage of a question stands in one of its answers, if it has both: a check of the judgements themselves. */
export function isShownBy({ answers, passage }: Question, texts: ReadonlyMap<string, string>): boolean {
  if (passage === null || answers.length === 0) return true;
  return answers.some((name) => texts.get(name)?.includes(comparable(passage)));
}

/** A text without differences of case, blanks and apostrophes; accents and letters stay as they are. */
export const comparable = (text: string): string =>
  text.normalize('NFC').toLowerCase().replaceAll('’', "'").replaceAll(/\s+/gu, ' ');

/** Scores the documents that were found, best first, by nDCG at 10 and recall at 20. */
export function scoreOf(found: readonly string[], grades: Grades): Score {
  const ideal = [...grades.values()].toSorted((a, b) => b - a);
  const gained = found.slice(0, RANKS).map((name) => grades.get(name) ?? 0);
  const recalled = found.slice(0, RECALLED).filter((name) => grades.has(name)).length;
  return { ndcg: gainOf(gained) / gainOf(ideal.slice(0, RANKS)), recall: recalled / Math.min(RECALLED, grades.size) };
}

/** Discounted cumulative gain with exponential grades (Burges et al., 2005). */
const gainOf = (grades: readonly number[]): number =>
  grades.reduce((sum, grade, rank) => sum + (2 ** grade - 1) / Math.log2(rank + 2), 0);
