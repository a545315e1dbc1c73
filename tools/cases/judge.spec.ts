import { expect, test } from 'vitest';
import type { Check } from './case-list.ts';
import { type NodeView, faultBy } from './judge.ts';

const REPORT = { metadata: { title: 'Herons', creators: ['Ann Reed'] }, problem: null };
const node: NodeView = {
  documentId: async (name) => (name === 'gone.txt' ? null : `id of ${name}`),
  search: async (text) => (text === 'heron' ? ['id of a.txt'] : []),
  report: async (name) => (name === 'gone.txt' ? null : REPORT),
  hasCover: async (name) => name === 'a.epub',
  fileState: async () => 'shared',
};
const search = (q: string, find: string[], notFind: string[] = []): Check => ({ type: 'search', q, find, notFind });
const report = (field: string, change: object, name = 'a.txt'): Check => ({
  ...{ type: 'report', name, field, equals: undefined },
  ...change,
});

test.each<[Check, string | null]>([
  [search('heron', ['a.txt'], ['b.txt']), null],
  [search('egret', ['a.txt']), '"egret" does not find a.txt'],
  [search('heron', ['gone.txt']), '"heron" does not find gone.txt'],
  [search('heron', [], ['a.txt']), '"heron" finds a.txt'],
  [report('metadata.title', { equals: 'Herons' }), null],
  [report('metadata.creators', { equals: ['Ann Reed'] }), null],
  [report('problem', { equals: null }), null],
  [report('metadata.title', { equals: 'Egrets' }), 'metadata.title of a.txt is "Herons"'],
  [report('metadata.title', { matches: '^her', notMatches: 'egret' }), null],
  [report('metadata.title', { notMatches: 'HERON' }), 'metadata.title of a.txt is "Herons"'],
  [report('nothing.there', { matches: 'x' }), 'nothing.there of a.txt is undefined'],
  [report('problem', { equals: null }, 'gone.txt'), 'gone.txt is not indexed'],
  [{ type: 'cover', name: 'a.epub', there: true }, null],
  [{ type: 'cover', name: 'b.epub', there: true }, 'b.epub has no cover'],
  [{ type: 'file', name: 'a.txt', state: 'shared' }, null],
  [{ type: 'file', name: 'a.txt', state: 'not-shared' }, 'a.txt is shared, not not-shared'],
])('%j: %s', async (check, fault) => {
  expect(await faultBy(check, node)).toBe(fault);
});
