import { expect, test } from 'vitest';
import { type KeyedList, compareKeys, comparePages } from './compare-pages.ts';

const listOf = (keys: readonly string[], limit: number): KeyedList<string> => {
  const sorted = keys.toSorted(compareKeys);
  return {
    keyOf: (key) => key,
    page: async (after) => {
      const rest = sorted.filter((key) => after === '' || compareKeys(key, after) > 0);
      return { items: rest.slice(0, limit), isLast: rest.length <= limit };
    },
  };
};

async function joined(own: readonly string[], source: readonly string[], limits: [number, number]): Promise<string[]> {
  const found: string[] = [];
  for await (const pairs of comparePages(listOf(own, limits[0]), listOf(source, limits[1])))
    for (const { key, own: one, source: other } of pairs) found.push(`${key}${one ? '<' : ''}${other ? '>' : ''}`);
  return found.toSorted();
}

test.each([
  [1, 1],
  [1, 3],
  [3, 1],
  [2, 100],
] as [number, number][])('every key comes once with what both sides have, pages of %i and %i', async (...limits) => {
  const own = ['a', 'b', 'd', 'e', 'f'];
  const source = ['b', 'c', 'd', 'x', 'y', 'z'];
  expect(await joined(own, source, limits)).toEqual(['a<', 'b<>', 'c>', 'd<>', 'e<', 'f<', 'x>', 'y>', 'z>']);
});

test.each([
  [[], []],
  [['a'], []],
  [[], ['a']],
])('an empty side is compared as well: %j and %j', async (own, source) => {
  expect(await joined(own, source, [1, 1])).toHaveLength(own.length + source.length);
});

test('keys are ordered by their UTF-8 bytes, as SQLite orders them', async () => {
  const keys = ['\uFF5E', '\u{1F426}', 'z']; // by UTF-16 units the bird would come before the tilde
  expect(keys.toSorted(compareKeys)).toEqual(['z', '\uFF5E', '\u{1F426}']);
  expect(await joined(keys, keys, [1, 2])).toEqual(keys.map((key) => `${key}<>`).toSorted());
});

test('a page of its own side is read before the page of the source', async () => {
  const order: string[] = [];
  const noting = (name: string, keys: string[]): KeyedList<string> => {
    const list = listOf(keys, 1);
    return { ...list, page: async (after) => (order.push(name), list.page(after)) };
  };
  for await (const _ of comparePages(noting('own', ['a', 'b']), noting('source', ['a', 'b'])));
  expect(order).toEqual(['own', 'source', 'own', 'source']);
});
