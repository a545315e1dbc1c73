import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type DownloadEvent,
  type DownloadState,
  type Holder,
  QUEUED,
  isAtWork,
  isEnded,
  next,
} from './download-state.ts';

const reason = fc.constantFrom('one reason', 'another reason');
const holder = fc.constantFrom<Holder>('network', 'frozen collection');
const kind = <const Kind extends DownloadEvent['kind']>(name: Kind) => ({ kind: fc.constant(name) });

const event: fc.Arbitrary<DownloadEvent> = fc.oneof(
  fc.record(kind('claimed')),
  fc.record({ ...kind('lacks sources'), reason }),
  fc.record({ ...kind('fetches'), missing: fc.option(reason) }),
  fc.record(kind('completes')),
  fc.record(kind('stopped')),
  fc.record({ ...kind('yielded'), shortage: fc.record({ of: fc.constantFrom('sources', 'pieces'), reason }) }),
  fc.record({ ...kind('obstructed'), cause: fc.constantFrom('crash', 'budget', 'disk', 'internal'), reason }),
  fc.record({ ...kind('held'), by: holder, reason }),
  fc.record({ ...kind('released'), by: holder }),
  fc.record(kind('owner paused')),
  fc.record(kind('owner resumed')),
  fc.record(kind('retried')),
  fc.record(kind('completed')),
  fc.record({ ...kind('failed'), code: fc.constant('invalid-document' as const), reason }),
  fc.record(kind('cancelled')),
  fc.record(kind('forgotten')),
) as fc.Arbitrary<DownloadEvent>;

/** Events without ends, so that long lives are tried as well. */
const eventOfALife = event.filter(
  ({ kind: name }) => !['completed', 'failed', 'cancelled', 'forgotten'].includes(name),
);
const events = fc.oneof(fc.array(event, { maxLength: 40 }), fc.array(eventOfALife, { maxLength: 40 }));
const after = (...happened: readonly DownloadEvent[]): DownloadState => happened.reduce(next, QUEUED);
const anyState = events.map((happened) => after(...happened));

/** Each state on the way, with the event that led there. */
function steps(happened: readonly DownloadEvent[], from: DownloadState = QUEUED) {
  let state = from;
  return happened.map((each) => {
    const before = state;
    state = next(before, each);
    return { before, event: each, after: state };
  });
}

const property = <T>(arbitrary: fc.Arbitrary<T>, check: (value: T) => void) =>
  fc.assert(
    fc.property(arbitrary, (value) => {
      check(value);
    }),
    { numRuns: 2_000 },
  );

describe('whatever happens to a download,', () => {
  test('a completed one stays so until it is forgotten, and a forgotten one for ever', () => {
    property(events, (happened) => {
      const ended = steps(happened).filter(({ before, event: { kind: what } }) =>
        before.kind === 'completed' ? what !== 'forgotten' : before.kind === 'forgotten',
      );
      expect(ended.map((step) => step.after)).toEqual(ended.map((step) => step.before));
    });
  });

  test('what was paused after crashes does not run before a retry, whatever else happens', () => {
    const crashed = after({ kind: 'claimed' }, { kind: 'obstructed', cause: 'crash', reason: 'it died' });
    property(events, (happened) => {
      const untilRetried = happened.filter(({ kind: name }) => name !== 'owner resumed' && name !== 'retried');
      expect(isAtWork(untilRetried.reduce(next, crashed))).toBe(false);
    });
    expect(next(crashed, { kind: 'retried' })).toEqual(QUEUED);
  });

  test('what its owner paused does not run before a resume', () => {
    property(fc.tuple(anyState, fc.array(event, { maxLength: 40 })), ([state, happened]) => {
      const paused = next(state, { kind: 'owner paused' });
      if (paused.kind !== 'paused') return expect(isEnded(paused)).toBe(true);
      const untilResumed = happened.filter(({ kind: name }) => name !== 'owner resumed' && name !== 'retried');
      for (const { after: now } of steps(untilResumed, paused)) expect(isAtWork(now)).toBe(false);
    });
  });

  test('a retry does not end the owner’s pause by itself', () => {
    expect(after({ kind: 'owner paused' }, { kind: 'retried' }, { kind: 'claimed' })).toMatchObject({ cause: 'owner' });
  });

  test('a held one runs only after its release by who holds it, and returns to where it was', () => {
    property(fc.tuple(anyState, holder, fc.array(eventOfALife, { maxLength: 20 })), ([state, by, happened]) => {
      if (state.kind === 'held') return;
      const held = next(state, { kind: 'held', by, reason: 'it has to wait' });
      if (held.kind !== 'held') {
        expect(held).toBe(state);
        const isKept = state.kind === 'paused' && (state.cause === 'owner' || state.cause === 'crash');
        return expect(isEnded(state) || isKept).toBe(true);
      }
      const released = next(held, { kind: 'released', by });
      expect(isAtWork(released)).toBe(isAtWork(state));
      expect(released.kind).toBe(isAtWork(state) ? 'finding sources' : 'queued');
      const other: Holder = by === 'network' ? 'frozen collection' : 'network';
      expect(next(held, { kind: 'released', by: other })).toBe(held);
      const meanwhile = happened.filter(({ kind: name }) => name !== 'released' && name !== 'owner paused');
      expect(meanwhile.reduce(next, held)).toMatchObject({ kind: 'held', by, before: held.before });
    });
  });

  test('one that has ended runs again only after a retry', () => {
    property(fc.tuple(anyState, fc.array(event, { maxLength: 40 })), ([state, happened]) => {
      if (!isEnded(state)) return;
      const withoutRetry = happened.filter(({ kind: name }) => name !== 'retried');
      for (const { after: now } of steps(withoutRetry, state)) expect(isEnded(now)).toBe(true);
    });
  });

  test('it is at work only after it was claimed, and only who is at work completes', () => {
    property(events, (happened) => {
      const starts = steps(happened).filter((step) => isAtWork(step.after) && !isAtWork(step.before));
      expect(starts.every(({ event: { kind: what } }) => what === 'claimed' || what === 'released')).toBe(true);
      const completing = steps(happened).filter((step) => step.after.kind === 'completing');
      expect(completing.every((step) => isAtWork(step.before))).toBe(true);
    });
  });

  test('an event that comes again changes nothing', () => {
    property(fc.tuple(anyState, event), ([state, each]) => {
      const once = next(state, each);
      expect(next(once, each)).toEqual(once);
    });
  });

  test('it can be brought to an end, and each end but completion can be undone', () => {
    property(anyState, (state) => {
      if (state.kind === 'forgotten' || state.kind === 'completed') return;
      expect(next(next(state, { kind: 'cancelled' }), { kind: 'retried' })).toEqual(QUEUED);
      expect(next(state, { kind: 'completed' })).toEqual({ kind: 'completed' });
    });
  });

  test('no state is a trap: a release, a resume, a retry and a claim set it to work unless it has ended for good', () => {
    const remedies: DownloadEvent[] = [
      { kind: 'released', by: 'network' },
      { kind: 'released', by: 'frozen collection' },
      { kind: 'owner resumed' },
      { kind: 'retried' },
      { kind: 'claimed' },
    ];
    property(anyState, (state) => {
      if (state.kind === 'forgotten' || state.kind === 'completed') return;
      expect(isAtWork(remedies.reduce(next, state))).toBe(true);
    });
  });
});

test('a download takes its way', () => {
  const way: [DownloadEvent, DownloadState][] = [
    [{ kind: 'claimed' }, { kind: 'finding sources', reason: 'Peers that have this document are looked for.' }],
    [
      { kind: 'lacks sources', reason: 'Nobody.' },
      { kind: 'finding sources', reason: 'Nobody.' },
    ],
    [
      { kind: 'fetches', missing: null },
      { kind: 'fetching', missing: null },
    ],
    [
      { kind: 'fetches', missing: 'One piece.' },
      { kind: 'fetching', missing: 'One piece.' },
    ],
    [
      { kind: 'yielded', shortage: { of: 'pieces', reason: 'One piece.' } },
      { kind: 'queued', after: { of: 'pieces', reason: 'One piece.' } },
    ],
    [{ kind: 'claimed' }, { kind: 'finding sources', reason: 'Peers that have this document are looked for.' }],
    [
      { kind: 'obstructed', cause: 'disk', reason: 'It is full.' },
      { kind: 'paused', cause: 'disk', reason: 'It is full.' },
    ],
    [
      { kind: 'held', by: 'frozen collection', reason: 'It is frozen.' },
      { kind: 'held', by: 'frozen collection', reason: 'It is frozen.', before: 'queued' },
    ],
    [{ kind: 'released', by: 'frozen collection' }, QUEUED],
    [{ kind: 'claimed' }, { kind: 'finding sources', reason: 'Peers that have this document are looked for.' }],
    [{ kind: 'completes' }, { kind: 'completing' }],
    [{ kind: 'completed' }, { kind: 'completed' }],
    [{ kind: 'forgotten' }, { kind: 'forgotten' }],
  ];
  expect(steps(way.map(([each]) => each)).map((step) => step.after)).toEqual(way.map(([, state]) => state));
});
