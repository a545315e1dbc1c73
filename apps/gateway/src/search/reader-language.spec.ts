import { expect, test } from 'vitest';
import { readerLanguageOf } from './reader-language.ts';

test.each([
  [undefined, 'und'],
  ['', 'und'],
  ['*', 'und'],
  ['sv', 'sv'],
  ['de-AT,de;q=0.9,en;q=0.8', 'de-AT'],
  ['en;q=0.4, cs;q=0.7, *;q=0.1', 'cs'],
  ['en;q=0', 'und'],
  ['<script>;q=1, pl;q=x', 'und'],
])('%j prefers %s', (accepted, language) => {
  expect(readerLanguageOf(accepted)).toBe(language);
});
