import { Download } from '@allibrary/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnsOf, shownState, stateOf } from './download-record.ts';
import type { DownloadState } from './download-state.ts';

const reason = fc.string({ minLength: 1, maxLength: 40 });
const is = <const Kind extends DownloadState['kind']>(kind: Kind) => ({ kind: fc.constant(kind) });

const state = fc.oneof(
  fc.record({ ...is('queued'), after: fc.option(fc.record({ of: fc.constantFrom('sources', 'pieces'), reason })) }),
  fc.record({ ...is('finding sources'), reason }),
  fc.record({ ...is('fetching'), missing: fc.option(reason) }),
  fc.record(is('completing')),
  fc.record({
    ...is('paused'),
    cause: fc.constantFrom('owner', 'crash', 'budget', 'disk', 'internal'),
    reason: fc.option(reason),
  }),
  fc.record({
    ...is('held'),
    by: fc.constantFrom('network', 'frozen collection'),
    reason,
    before: fc.constantFrom('queued', 'finding sources'),
  }),
  fc.record(is('completed')),
  fc.record({ ...is('failed'), code: fc.constant('invalid-document'), reason }),
  fc.record(is('cancelled')),
  fc.record(is('forgotten')),
) as fc.Arbitrary<DownloadState>;

test('each state is read as it was stored', () => {
  fc.assert(
    fc.property(state, (each) => {
      expect(stateOf({ ...columnsOf(each) })).toEqual(each);
    }),
  );
});

test('users see each state in the words of the contract', () => {
  const shown = Download.pick({ state: true, cause: true, reason: true });
  fc.assert(
    fc.property(
      state.filter(({ kind }) => kind !== 'forgotten'),
      (each) => {
        expect(shown.parse(shownState(each))).toEqual(shownState(each));
      },
    ),
  );
});

test.each<[DownloadState, ReturnType<typeof shownState>]>([
  [
    { kind: 'held', by: 'frozen collection', reason: 'Frozen.', before: 'finding sources' },
    { state: 'paused', cause: 'collection', reason: 'Frozen.' },
  ],
  [
    { kind: 'held', by: 'network', reason: 'Off.', before: 'queued' },
    { state: 'paused', cause: 'network', reason: 'Off.' },
  ],
  [
    { kind: 'paused', cause: 'owner', reason: null },
    { state: 'paused', cause: 'user', reason: null },
  ],
  [{ kind: 'completing' }, { state: 'active', cause: null, reason: null }],
  [
    { kind: 'fetching', missing: 'One.' },
    { state: 'active', cause: 'missing-pieces', reason: 'One.' },
  ],
])('%o is shown as %o', (given, shown) => {
  expect(shownState(given)).toEqual(shown);
});

test('states of earlier versions are read', () => {
  expect(stateOf({ state: 'paused', cause: 'collection', reason: 'Frozen.' })).toMatchObject({ before: 'queued' });
  expect(stateOf({ state: 'active', cause: null, reason: null })).toEqual({ kind: 'fetching', missing: null });
});
