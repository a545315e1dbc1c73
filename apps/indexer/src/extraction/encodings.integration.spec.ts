// Real: a child process, files that the test writes.
import { encode } from 'iconv-lite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestExtractor } from '../testing/test-extractor.ts';

let extractor: TestExtractor;
beforeAll(async () => {
  extractor = await TestExtractor.open();
});
afterAll(() => extractor.close());

const RUSSIAN = 'Серая цапля неподвижно стоит на мелководье и ждёт рыбу';
const CZECH = 'Volavka popelavá stojí nehybně v mělké vodě a čeká na rybu, žluťoučký kůň';
const GERMAN = 'Der Graureiher steht still – er wartet auf „Fische“ für fünf Euro (5 €)';
const JAPANESE = '浅い水の中にじっと立って、泳いでくる魚を待っています';
const CHINESE = '苍鹭静静地站在浅水里，等待一条游过的鱼';

test.each([
  ['windows-1251', RUSSIAN],
  ['koi8-r', RUSSIAN],
  ['windows-1250', CZECH],
  ['windows-1252', GERMAN],
  ['shift_jis', JAPANESE],
  ['euc-jp', JAPANESE],
  ['gb18030', CHINESE],
])('a text in %s is read, though nothing in it says so', async (encoding, text) => {
  expect(await extractor.extract('plain', encode(text, encoding))).toMatchObject({ text });
});
