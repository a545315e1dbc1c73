import { expect, test } from 'vitest';
import { languageOf } from './language.ts';

test.each([
  ['en', 'en'],
  [' EN_gb ', 'en'],
  ['eng', 'en'],
  ['ger', 'de'],
  ['cmn-Hans-CN', 'zh'],
  ['sco', 'sco'],
  ['und', null],
  ['English', null],
  ['', null],
  ['x-klingon', null],
])('the language of %j is %s', (tag, language) => {
  expect(languageOf(tag)).toBe(language);
});
