// Real: a child process, files that the test writes.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { encode } from 'iconv-lite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TextExtractor } from './text-extractor.ts';

let folder: TempFolder;
let extractor: TextExtractor;
beforeAll(async () => {
  folder = await tempFolder();
  const limits = { memoryMiB: 256, timeLimitMs: 20_000, maxCharacters: 100_000, idleMs: 60_000, children: 1 };
  extractor = new TextExtractor({ libraryRoots: [folder.path], ...limits });
});
afterAll(async () => {
  await extractor.close();
  await folder.remove();
});

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
  const path = join(folder.path, `${encoding}.txt`);
  const bytes = encode(text, encoding);
  await writeFile(path, bytes);
  expect(await extractor.extract({ path, format: 'plain', sizeBytes: bytes.length })).toMatchObject({ text });
});
