import { expect, test } from 'vitest';
import { locationOf } from './location-of.ts';

const collections = [
  { id: 'library', folder: '/srv/library' },
  { id: 'maps', folder: '/mnt/nas/maps' },
];

test.each([
  ['a path in the first collection', { path: 'birds/heron.pdf' }, { collection: 'library', path: 'birds/heron.pdf' }],
  [
    'a path in the named collection',
    { path: 'heron.pdf', collection: 'maps' },
    { collection: 'maps', path: 'heron.pdf' },
  ],
  ['an absolute path', { path: '/mnt/nas/maps/a/b.png' }, { collection: 'maps', path: 'a/b.png' }],
  ['a path with detours', { path: 'a/../b.pdf' }, { collection: 'library', path: 'b.pdf' }],
  [
    'a path that leads out, which it can not',
    { path: '../../etc/passwd' },
    { collection: 'library', path: 'etc/passwd' },
  ],
  ['an absolute path elsewhere', { path: '/etc/passwd' }, undefined],
  ['a folder whose name begins alike', { path: '/srv/library-of-others/a' }, undefined],
  ['the collection itself', { path: '/srv/library/' }, undefined],
  ['an unknown collection', { path: 'a', collection: 'films' }, undefined],
])('%s', (_case, query, expected) => {
  expect(locationOf(query, collections)).toEqual(expected);
});
