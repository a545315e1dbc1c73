import { MOST_DOWNLOAD_SOURCES } from '@allibrary/contracts';
import { expect, test } from 'vitest';
import { credit } from './credited-sources.ts';

test('of more sources than a download names, those that gave least are left out', () => {
  const bytes = new Map<string, number>();
  for (let peer = 0; peer < MOST_DOWNLOAD_SOURCES; peer++) credit(bytes, `peer ${peer}`, 1_000 + peer);
  credit(bytes, 'newest', 1);
  expect(bytes.size).toBe(MOST_DOWNLOAD_SOURCES);
  expect(bytes.get('newest')).toBe(1);
  expect(bytes.has('peer 0')).toBe(false);
  credit(bytes, 'peer 99', 5);
  expect(bytes.get('peer 99')).toBe(1_104);
});
