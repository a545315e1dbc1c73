import { expect, test } from 'vitest';
import { pathAfterMove } from './moved-folder.ts';

test.each([
  ['narrowed, inside', 'open/a.txt', '/lib', '/lib/open', 'a.txt'],
  ['narrowed, outside', 'priv/a.txt', '/lib', '/lib/open', null],
  ['narrowed, a name that begins alike', 'opened/a.txt', '/lib', '/lib/open', null],
  ['narrowed, the new folder itself as a file', 'open', '/lib', '/lib/open', null],
  ['widened', 'a.txt', '/lib/open', '/lib', 'open/a.txt'],
  ['pointed elsewhere', 'a.txt', '/lib', '/films', null],
  ['written with a slash at its end', 'a.txt', '/lib/', '/lib', 'a.txt'],
])('a collection is %s', (_case, path, from, to, after) => {
  expect(pathAfterMove(path, from, to)).toBe(after);
});
