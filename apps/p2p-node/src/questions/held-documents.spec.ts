import { expect, test } from 'vitest';
import { HeldDocuments } from './held-documents.ts';

const MOST = 4;

function startPeer(holds: (documentId: string) => boolean) {
  const questions: (readonly string[])[] = [];
  let nowMs = 0;
  const ask = async (documentIds: readonly string[]) => {
    questions.push(documentIds);
    return documentIds.map(holds);
  };
  const held = new HeldDocuments(ask, MOST, () => nowMs);
  return { held, questions, pass: (ms: number) => (nowMs += ms) };
}

test('a mirror of 1,000 documents sends one question for as many documents as fit into one', async () => {
  const ids = Array.from({ length: 1_000 }, (_, index) => `d${index}`);
  const { held, questions } = startPeer((id) => id.endsWith('7'));
  for (const [index, id] of ids.entries())
    expect(await held.isHeld(id, ids.slice(index, index + 20))).toBe(id.endsWith('7'));
  expect(questions).toHaveLength(ids.length / MOST);
  for (const question of questions) expect(new Set(question).size).toBeLessThanOrEqual(MOST);
});

test('two documents wanted at the same time share one question', async () => {
  const { held, questions } = startPeer(() => true);
  expect(await Promise.all([held.isHeld('a', ['b']), held.isHeld('b', ['a'])])).toEqual([true, true]);
  expect(questions).toEqual([['a', 'b']]);
});

test('a document that is looked for again is asked about again', async () => {
  let isHeld = false;
  const { held, questions } = startPeer(() => isHeld);
  expect(await held.isHeld('a', ['b'])).toBe(false);
  expect(await held.isHeld('b', [])).toBe(false); // from the first question
  isHeld = true;
  expect([await held.isHeld('a', []), await held.isHeld('b', [])]).toEqual([true, true]);
  expect(questions).toHaveLength(3);
});

test('a stale answer is not used', async () => {
  const { held, questions, pass } = startPeer(() => true);
  await held.isHeld('a', ['b']);
  pass(10_001);
  await held.isHeld('b', []);
  expect(questions).toEqual([['a', 'b'], ['b']]);
});

test('when the peer does not answer, the documents asked ahead are asked about again', async () => {
  let isAway = true;
  const held = new HeldDocuments(
    async (ids) => {
      if (isAway) throw new Error('no answer');
      return ids.map(() => true);
    },
    MOST,
    () => 0,
  );
  await expect(held.isHeld('a', ['b'])).rejects.toThrow('no answer');
  isAway = false;
  expect(await held.isHeld('b', [])).toBe(true);
});
