// Real: the package.json of this checkout.
import { expect, test } from 'vitest';
import { versionText } from './version.ts';

test('the version is that of the project', () => {
  expect(versionText()).toMatch(/^AlLibrary Seedbox \d+\.\d+\.\d+/);
});
