import { Download } from '@allibrary/contracts';
import { expect, expectTypeOf, test } from 'vitest';
import { parseRouteKey } from './route.ts';
import type { CallTo, ReplyFrom, RequestTo } from './routes.ts';

test('a route key is a method and a path', () => {
  expect(parseRouteKey('GET /downloads/:id')).toEqual({ method: 'GET', path: '/downloads/:id' });
});

test('a handler receives parsed values, a client may leave out what has a default', () => {
  expectTypeOf<RequestTo<'GET /search'>['query']['limit']>().toEqualTypeOf<number>();
  expectTypeOf<{ query: { q: string } }>().toExtend<CallTo<'GET /search'>>();
  expectTypeOf<{ query: { limit: number } }>().not.toExtend<CallTo<'GET /search'>>();
});

test('a reply has the type of its schema, or none', () => {
  expectTypeOf<ReplyFrom<'GET /downloads/:id'>>().toEqualTypeOf<Download>();
  expectTypeOf<ReplyFrom<'DELETE /downloads/:id'>>().toEqualTypeOf<void>();
});
