// The settings are a generator of the test.
import { CollectionsSettings } from '@allibrary/contracts';
import { eventually } from '@allibrary/testing';
import { expect, test } from 'vitest';
import type { Revised } from './settings.ts';
import { SettingsFollower } from './settings-follower.ts';

const valueOf = (revision: number): Revised<never> => ({ value: {} as never, revision });

test('each value is applied in its order, and none after the close', async () => {
  const pending: (() => void)[] = [];
  async function* follow(_section: unknown, signal: AbortSignal): AsyncGenerator<Revised<never>> {
    for (let revision = 1; !signal.aborted; revision += 1) {
      yield valueOf(revision);
      await new Promise<void>((resolve) => {
        pending.push(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }
  const applied: number[] = [];
  const follower = new SettingsFollower({ follow }, CollectionsSettings, ({ revision }) => applied.push(revision));
  await eventually(() => applied.length === 1);
  pending[0]?.();
  await eventually(() => applied.length === 2);
  await follower.close();
  pending[1]?.();
  expect(applied).toEqual([1, 2]);
});

test('a close reports that a value could not be applied', async () => {
  async function* follow(): AsyncGenerator<Revised<never>> {
    yield valueOf(1);
  }
  const follower = new SettingsFollower({ follow }, CollectionsSettings, () => {
    throw new Error('no such folder');
  });
  await expect(follower.close()).rejects.toThrow('no such folder');
});
