// Real: a child process, files that the test writes.
import { encode } from 'iconv-lite';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestExtractor } from '../../testing/test-extractor.ts';

let extractor: TestExtractor;
beforeAll(async () => {
  extractor = await TestExtractor.open();
});
afterAll(() => extractor.close());

const RUSSIAN = 'Серая цапля неподвижно стоит на мелководье и ждёт рыбу';
const CZECH = 'Volavka popelavá stojí nehybně v mělké vodě a čeká na rybu, žluťoučký kůň';
const GERMAN = 'Der Graureiher steht still – er wartet auf „Fische“ für fünf Euro (5 €)';
const JAPANESE = '浅い水の中にじっと立って、泳いでくる魚を待っています';
const UKRAINIAN = 'Сіра чапля нерухомо стоїть на мілководді й чекає на рибу';
const POLISH = 'Młynarz liczył żółte łodzie i śledził ścieżki gęsi';
const FRENCH = 'Le héron préférait la forêt et les châtaigniers';
const THAI = 'นกกระสายืนนิ่งอยู่ในน้ำตื้น รอปลาว่ายมา';
const KOREAN = '왜가리가 얕은 물에 서서 물고기를 기다린다';
const CHINESE = '苍鹭静静地站在浅水里，等待一条游过的鱼';

test.each([
  ['windows-1251', RUSSIAN],
  ['koi8-r', RUSSIAN],
  ['windows-1250', CZECH],
  ['windows-1252', GERMAN],
  ['shift_jis', JAPANESE],
  ['euc-jp', JAPANESE],
  ['gb18030', CHINESE],
  ['cp866', RUSSIAN],
  ['koi8-u', UKRAINIAN],
  ['maccyrillic', RUSSIAN],
  ['windows-1250', POLISH],
  ['macintosh', FRENCH],
  ['windows-874', THAI],
  ['euc-kr', KOREAN],
  ['utf-16le', GERMAN],
  ['utf-16be', GERMAN],
  ['utf-16le', RUSSIAN],
  ['utf-16be', CHINESE],
])('a text in %s is read, though nothing in it says so', async (encoding, text) => {
  expect(await extractor.extract('plain', encode(text, encoding))).toMatchObject({ text });
});

test('a text in ISO-2022-JP is read, though its bytes are ASCII', async () => {
  const bytes = new Uint8Array([0x1b, 0x24, 0x42, 0x25, 0x5f, 0x25, 0x3a, 0x1b, 0x28, 0x42, 0x2e]);
  expect(await extractor.extract('plain', bytes)).toMatchObject({ text: 'ミズ.' });
});

test.each([
  ['UTF-8 with one byte of Windows-1252', [CZECH, 0xe9, CZECH], `${CZECH}é${CZECH}`],
  ['UTF-8 that ends within a letter', [CZECH, 0xc3], `${CZECH}Ã`],
  ['one letter and one bad byte', ['žába ', 0x95], 'žába •'],
])('%s does not spoil the letters beside it', async (_, parts, text) => {
  const bytes = Buffer.concat(parts.map((part) => Buffer.from(typeof part === 'number' ? [part] : part)));
  expect(await extractor.extract('plain', bytes)).toMatchObject({ text });
});

test('the encoding of a text is decided by all of it', async () => {
  const licence = 'Anybody may copy this file. '.repeat(3_000);
  const extraction = await extractor.extract('plain', encode(licence + RUSSIAN, 'windows-1251'));
  expect(extraction).toMatchObject({ text: expect.stringContaining(RUSSIAN) });
});

test.each([
  ['a page', 'windows-1251', '<meta charset="windows-1251">'],
  ['a page, in a comment first,', 'windows-1251', '<!-- <meta charset="utf-8"> --><meta charset=cp1251>'],
  ['an XHTML page', 'koi8-r', '<?xml version="1.0" encoding="KOI8-R"?>'],
  ['a page that can be no UTF-16', 'utf-8', '<meta http-equiv="Content-Type" content="text/html; charset=unicode">'],
])('%s declares its encoding', async (_, encoding, declaration) => {
  const page = `${declaration}<p>${RUSSIAN}</p>`;
  expect(await extractor.extract('html', encode(page, encoding))).toMatchObject({ text: RUSSIAN });
});

test.each([
  ['windows-1251', '<?xml version="1.0" encoding="windows-1251"?>', false],
  ['utf-16le', '<?xml version="1.0" encoding="UTF-16"?>', true],
  ['utf-16be', '<?xml version="1.0"?>', false],
])('the files of an EPUB are read in %s', async (encoding, declaration, addBOM) => {
  const xml = (text: string): Uint8Array => encode(declaration + text, encoding, { addBOM });
  const bytes = zipSync({
    'META-INF/container.xml': strToU8('<container><rootfile full-path="b.opf"/></container>'),
    'b.opf': xml(
      '<package><metadata><title>Цапля</title></metadata><manifest><item id="a" href="a.xhtml"/></manifest><spine><itemref idref="a"/></spine></package>',
    ),
    'a.xhtml': xml(`<html><body><p>${RUSSIAN}</p></body></html>`),
  });
  expect(await extractor.extract('epub', bytes)).toMatchObject({ text: RUSSIAN, metadata: { title: 'Цапля' } });
});

test('random bytes are no text in any encoding', async () => {
  const bytes = Uint8Array.from({ length: 4_000 }, (_, at) => (at * at * 31 + at * 7) % 256);
  expect(await extractor.extract('plain', bytes)).toMatchObject({ kind: 'problem' });
});
