import { type DownloadCommand, DownloadState } from '@allibrary/contracts';
import { describe, expect, test } from 'vitest';
import { ContradictsState, effectOf, isUnfinished } from './download-commands.ts';
import type { DesiredDownload } from './download-order.ts';

const desired: DesiredDownload = { isPaused: false, priority: 'normal', frontAtMs: null, wantedAtMs: 100 };
const NOW = 1_000;
const does = (command: DownloadCommand, state: DownloadState, before = desired) =>
  effectOf(command, { state, desired: before }, { atMs: NOW, frontAtMs: NOW });

test.each([
  [{ do: 'pause' }, { isPaused: true }],
  [{ do: 'resume' }, { isPaused: false, wantedAtMs: 1_000 }],
  [{ do: 'prioritise', priority: 'high' }, { priority: 'high' }],
  [{ do: 'move-to-front' }, { frontAtMs: NOW }],
] as const)('%o changes that and nothing else', (command, change) => {
  const before = { ...desired, isPaused: !('isPaused' in change && change.isPaused) };
  expect(does(command, 'paused', before)).toEqual({ kind: 'steer', desired: { ...before, ...change } });
});

test('retry wants it from now on, also when it was paused', () => {
  expect(does({ do: 'retry' }, 'failed', { ...desired, isPaused: true })).toMatchObject({
    desired: { isPaused: false, wantedAtMs: NOW },
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
      expect(outcome({ do: command })).toBe(open ? 'steer' : 'refused');
    expect(outcome({ do: 'cancel' })).toBe(open ? 'cancelled' : 'refused');
    expect(outcome({ do: 'forget' })).toBe(open ? 'refused' : 'forgotten');
    expect(outcome({ do: 'retry' })).toBe(state === 'completed' ? 'refused' : 'steer');
  });
});
