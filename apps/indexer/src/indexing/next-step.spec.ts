import { expect, test } from 'vitest';
import { type KnownDocument, nextStep } from './next-step.ts';

const document = { name: 'heron.txt' };
const indexed = (change: object = {}): KnownDocument => ({
  state: 'indexed',
  revision: 5,
  ...document,
  words: 9,
  problem: null,
  indexedAtMs: 1,
  ...change,
});
const removed: KnownDocument = { state: 'removed', revision: 5 };

test.each<[string, KnownDocument | null, number, string]>([
  ['an unknown document', null, 1, 'index'],
  ['a document that was removed before', removed, 6, 'index'],
  ['a document that was removed later', removed, 4, 'ignore'],
  ['an older fact', indexed(), 4, 'ignore'],
  ['the same fact again', indexed(), 5, 'announce'],
  ['a fact that changes locations only', indexed(), 6, 'confirm'],
  ['another name', indexed({ name: 'egret.txt' }), 6, 'index'],
  ['a text that could not be read before', indexed({ problem: 'it is damaged' }), 6, 'index'],
])('%s', (_case, known, revision, step) => {
  expect(nextStep(known, document, revision).kind).toBe(step);
});
