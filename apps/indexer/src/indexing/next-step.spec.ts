import { expect, test } from 'vitest';
import { type KnownDocument, nextStep } from './next-step.ts';

const at = (path: string) => ({ collection: 'library', path });
const document = { names: ['heron.txt'], locations: [at('heron.txt')], describing: [at('heron.txt')] };
const source = { ...document, sidecar: null };
const indexed = (change: object = {}): KnownDocument => ({
  state: 'indexed',
  revision: 5,
  source,
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
  ['a fact that changes neither names nor locations', indexed(), 6, 'confirm'],
  [
    'other locations of the same names',
    indexed({ source: { ...source, describing: [at('shelf/heron.txt')] } }),
    6,
    'compare-sidecar',
  ],
  ['another name', indexed({ source: { ...source, names: ['egret.txt'] } }), 6, 'index'],
  ['a name that is gone', indexed({ source: { ...source, names: ['heron.txt', 'egret.txt'] } }), 6, 'index'],
  ['a text that could not be read before', indexed({ problem: 'it is damaged' }), 6, 'index'],
])('%s', (_case, known, revision, step) => {
  expect(nextStep(known, document, revision).kind).toBe(step);
});
