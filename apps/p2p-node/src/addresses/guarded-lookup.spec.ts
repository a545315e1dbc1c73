// Stands in: the resolver, which answers what a stranger's name server could.
import type { LookupAddress, lookup } from 'node:dns';
import { expect, test } from 'vitest';
import { guardedLookup } from './guarded-lookup.ts';

const ANSWER: LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '8.8.8.8', family: 4 },
  { address: '2600::1', family: 6 },
];
const resolving = (answer: LookupAddress[] | Error) =>
  ((_host: string, _options: object, callback: (error: Error | null, found?: LookupAddress[]) => void) =>
    answer instanceof Error ? callback(answer) : callback(null, answer)) as unknown as typeof lookup;

const look = (answer: LookupAddress[] | Error, options: { all: boolean }) =>
  new Promise<unknown[]>((resolve) => {
    const guarded = guardedLookup((_host, ip) => ip !== '127.0.0.1', resolving(answer));
    guarded('library.example', options, (error, ...found) =>
      resolve([(error as { code?: string } | null)?.code, ...found]),
    );
  });

test('addresses that must not be dialled are left out', async () => {
  expect(await look(ANSWER, { all: true })).toEqual([undefined, ANSWER.slice(1)]);
  expect(await look(ANSWER, { all: false })).toEqual([undefined, '8.8.8.8', 4]);
});

test('a name that leads to no other is refused, and a failure of the resolver is passed on', async () => {
  expect((await look(ANSWER.slice(0, 1), { all: true }))[0]).toBe('EADDRNOTAVAIL');
  expect((await look(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), { all: true }))[0]).toBe('ENOTFOUND');
});
