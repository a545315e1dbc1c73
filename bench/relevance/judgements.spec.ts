import { describe, expect, it } from 'vitest';
import { comparable, gradesOf, isShownBy, parseQuestions, scoreOf } from './judgements.ts';

const GRADES = new Map([
  ['best', 2],
  ['partly', 1],
]);

describe('judged questions', () => {
  it('scores the ideal order 1 and nothing found 0', () => {
    expect(scoreOf(['best', 'partly', 'other'], GRADES)).toEqual({ ndcg: 1, recall: 1 });
    expect(scoreOf([], GRADES)).toEqual({ ndcg: 0, recall: 0 });
  });

  it('discounts by rank', () => {
    const { ndcg } = scoreOf(['partly', 'best'], GRADES);
    expect(ndcg).toBeCloseTo((1 + 3 / Math.log2(3)) / (3 + 1 / Math.log2(3)), 10);
  });

  it('counts gain to rank 10 and recall to rank 20', () => {
    const others = Array.from({ length: 10 }, (_, at) => `other ${at}`);
    expect(scoreOf([...others, 'best'], GRADES)).toEqual({ ndcg: 0, recall: 0.5 });
    expect(scoreOf([...others, ...others, 'best'], GRADES)).toEqual({ ndcg: 0, recall: 0 });
  });

  it('grades the documents that hold the passage, whatever its case and blanks, but not without its accents', () => {
    const [question] = parseQuestions('kind\tlanguage\nword\tde\tkafig\ta.html\tKäfig im\n');
    const texts = new Map([
      ['a.html', ''],
      ['b.html', comparable('der KÄFIG\n im Zoo')],
      ['c.html', comparable('der Kafig im Zoo')],
    ]);
    expect([...gradesOf(question ?? expect.fail(), texts)]).toEqual([
      ['a.html', 2],
      ['b.html', 1],
    ]);
  });

  it('notices a passage that no answer holds', () => {
    const [question] = parseQuestions('kind\nword\tde\tkafig\ta.html\tKäfig\n');
    const shown = (text: string): boolean => isShownBy(question ?? expect.fail(), new Map([['a.html', text]]));
    expect([shown('im käfig'), shown('im kafig')]).toEqual([true, false]);
  });
});
