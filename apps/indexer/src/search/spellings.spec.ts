import { expect, test } from 'vitest';
import { WordCollector } from './spellings.ts';

test('words that folding changes are kept in both forms', () => {
  const collector = new WordCollector();
  expect([...collector.add('Die Straße, die STRASSE, un CAFÉ')]).toEqual(['die', 'strasse', 'un', 'cafe']);
  expect([...collector.variants].map(([folded, written]) => [folded, ...written])).toEqual([
    ['strasse', 'straße'],
    ['cafe', 'café'],
  ]);
  expect(collector.spellings).toEqual(['straße', 'strasse', 'café']);
});
