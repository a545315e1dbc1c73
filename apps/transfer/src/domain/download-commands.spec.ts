import { type DownloadCommand, DownloadState } from '@allibrary/contracts';
import { describe, expect, test } from 'vitest';
import { ContradictsState, type DownloadWish, effectOf, isUnfinished } from './download-commands.ts';

const wish: DownloadWish = { isPaused: false, priority: 'normal', frontAtMs: null, wantedAtMs: 100 };
const NOW = 1_000;
const does = (command: DownloadCommand, state: DownloadState, before = wish) =>
  effectOf(command, { state, wish: before }, NOW);

test.each([
  [{ do: 'pause' }, { isPaused: true }],
  [{ do: 'resume' }, { isPaused: false }],
  [{ do: 'prioritise', priority: 'high' }, { priority: 'high' }],
  [{ do: 'move-to-front' }, { frontAtMs: NOW }],
] as const)('%o changes that of the wish and nothing else', (command, change) => {
  const before = { ...wish, isPaused: !('isPaused' in change && change.isPaused) };
  expect(does(command, 'paused', before)).toEqual({ kind: 'wish', wish: { ...before, ...change } });
});

test('retry wants it from now on, also when it was paused, and never earlier than before', () => {
  expect(does({ do: 'retry' }, 'failed', { ...wish, isPaused: true })).toMatchObject({
    wish: { isPaused: false, wantedAtMs: NOW },
  });
  expect(does({ do: 'retry' }, 'cancelled', { ...wish, wantedAtMs: 5_000 })).toMatchObject({
    wish: { wantedAtMs: 5_001 },
  });
});

describe('in each state', () => {
  test.each(DownloadState.options)('%s: what makes no sense is refused', (state) => {
    const outcome = (command: DownloadCommand): string => {
      try {
        const effect = does(command, state);
        return effect.kind === 'end' ? effect.outcome : effect.kind;
      } catch (error) {
        expect(error).toBeInstanceOf(ContradictsState);
        return 'refused';
      }
    };
    const open = isUnfinished(state);
    for (const command of ['pause', 'resume', 'move-to-front'] as const)
      expect(outcome({ do: command })).toBe(open ? 'wish' : 'refused');
    expect(outcome({ do: 'cancel' })).toBe(open ? 'cancelled' : 'refused');
    expect(outcome({ do: 'forget' })).toBe(open ? 'refused' : 'forgotten');
    expect(outcome({ do: 'retry' })).toBe(state === 'completed' ? 'refused' : 'wish');
  });
});
