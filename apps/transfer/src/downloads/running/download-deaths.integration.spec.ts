// Real: the desired state, an SQLite file in a temporary folder.
import type { DurableStore } from '@allibrary/platform';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDesiredState } from '../../settings/desired-state.ts';
import { DownloadDeaths, isHarmless } from './download-deaths.ts';

let folder: TempFolder;
let store: DurableStore | undefined;
beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(async () => {
  store?.close();
  await folder.remove();
});

/** Stands for a new process: runs that did not end have died with the one before. */
function start(): DownloadDeaths {
  store?.close();
  store = openDesiredState(folder.path);
  return new DownloadDeaths(store);
}

test('a run that never ended counts as a death of the process; one that ended does not', () => {
  expect(start().begin('a')).toBe(0);
  expect(start().begin('a')).toBe(1);
  const third = start();
  expect(third.begin('a')).toBe(2);
  third.end('a');
  expect(start().begin('a')).toBe(2);
});

test('a download that has proven harmless begins at 0 again, and one that never saw a death leaves nothing behind', () => {
  start().begin('a');
  const second = start();
  second.begin('a');
  second.forgive('a');
  second.end('a');
  second.begin('b');
  second.end('b');
  expect(store?.prepare('SELECT count(*) AS n FROM download_deaths').get()?.['n']).toBe(0);
  expect(start().begin('a')).toBe(0);
});

test.each([
  [3_000, 1, false],
  [3_001, 1, true],
  [3_001, 0, false],
  [600_000, 0, false],
  [600_001, 0, true],
])('a run of %i ms that brought %i bytes proves a download harmless: %s', (runMs, broughtBytes, expected) => {
  expect(isHarmless(runMs, broughtBytes)).toBe(expected);
});
