/** The tables of a run, as they stand in RESULTS.md. */
import { type Grades, type Question, type Score, scoreOf } from './judgements.ts';

const OURS = 'ours';
/** A smaller difference of nDCG is no loss. */
const TIE = 0.01;

/** A question, and what each engine found for it, best first. */
export interface Answered {
  readonly question: Question;
  readonly grades: Grades;
  readonly found: Readonly<Record<string, readonly string[]>>;
}

/** nDCG@10 and recall@20 of each engine, for each kind of question and for all. */
export function kindTable(answered: readonly Answered[]): string {
  const engines = Object.keys(answered[0]?.found ?? {});
  const kinds = Map.groupBy(answered, ({ question }) => question.kind);
  const lines = [...kinds, ['all', answered] as const].map(([kind, those]) => {
    const cells = engines.map((engine) => meanOf(those.map((each) => scoredOf(each, engine))));
    return `| ${[kind, those.length, ...cells].join(' | ')} |`;
  });
  const head = ['kind', 'questions', ...engines].join(' | ');
  return [`| ${head} |`, `| ${'--- | '.repeat(engines.length + 2).trimEnd()}`, ...lines].join('\n');
}

/** The questions that another engine answers better. */
export function lostTable(answered: readonly Answered[]): string {
  const rows = answered.flatMap((each) => {
    const others = Object.keys(each.found).filter((engine) => engine !== OURS);
    const scores = others.map((engine) => [engine, scoredOf(each, engine).ndcg] as const);
    const [winner, best] = scores.toSorted((a, b) => b[1] - a[1])[0] ?? ['', 0];
    const { ndcg } = scoredOf(each, OURS);
    const first = each.found[OURS]?.[0];
    const which = first === undefined ? 'nothing found' : `${first} (${each.grades.get(first) ?? 0})`;
    return best > ndcg + TIE || ndcg === 0
      ? [
          `| ${each.question.kind} | ${each.question.text} | ${ndcg.toFixed(2)} | ${best.toFixed(2)} ${winner} | ${which} |`,
        ]
      : [];
  });
  const head = '| kind | question | ours | best other | our first, and its grade |\n| --- | --- | --- | --- | --- |';
  return [`\n${rows.length} questions that another answers better, or that nobody answers:\n`, head, ...rows].join(
    '\n',
  );
}

const scoredOf = ({ found, grades }: Answered, engine: string): Score => scoreOf(found[engine] ?? [], grades);

function meanOf(scores: readonly Score[]): string {
  const mean = (of: (score: Score) => number): string =>
    (scores.reduce((sum, each) => sum + of(each), 0) / scores.length).toFixed(3);
  return `${mean(({ ndcg }) => ndcg)} / ${mean(({ recall }) => recall)}`;
}
