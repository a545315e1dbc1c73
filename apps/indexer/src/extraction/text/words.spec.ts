import { expect, test } from 'vitest';
import { countWords, fold, wordsOf } from './words.ts';

test.each([
  ['', 0],
  [' —  … ', 0],
  ['one', 1],
  ['two words', 2],
  ['café cafe\u0301 2024', 3],
  ["don't stop", 3],
  ['東京都 Tokyo', 4],
])('%j has %i words', (text, words) => {
  expect(countWords(text)).toBe(words);
  expect(countWords(text)).toBe(words);
});

test.each([
  ['HERON', 'heron'],
  ['Žluťoučký Kůň', 'zlutoucky kun'],
  ['CAFE\u0301', 'cafe'],
  ['Ἀθῆναι', 'αθηναι'],
  ['鳥🐦', '鳥🐦'],
  ['ёлка й', 'елка и'],
  ['مُحَمَّد', 'محمد'],
  ['שָׁלוֹם', 'שלום'],
  ['が हिन्दी', 'が हिन्दी'],
  ['ﬁnd ＡＢＣ', 'find abc'],
  ['Straße, GROẞ', 'strasse, gross'],
  ['Tromsø Łódź Đường Œuvre Ħobż', 'tromso lodz duong oeuvre hobz'],
  ['Þórður æðey', 'thordur aedey'],
  ['İzmir limanı', 'izmir limani'],
  ['ΛΌΓΟΣ λόγος', 'λογοσ λογοσ'],
  ['Қазақ Ґанок', 'казак ганок'],
  ['کتاب علی مكتبة إسلام ٱلله', 'كتاب علي مكتبه اسلام الله'],
  ['१९४७ ۱۳۵۷ ٣ ๕ 𝟗', '1947 1357 3 5 9'],
  ['Oʻzbekiston Qurʾān Hawaiʻi', 'ozbekiston quran hawaii'],
])('%s is compared as %s', (text, folded) => {
  expect(fold(text)).toBe(folded);
});

test.each([
  ['A heron', ['a', 'heron']],
  ['東京都 がlatex', ['東', '京', '都', 'が', 'latex']],
  ['ภาษาไทย', ['ภ', 'า', 'ษ', 'า', 'ไ', 'ท', 'ย']],
  ['हिन्दी भाषा', ['हिन्दी', 'भाषा']],
  ['サーバーABC、ーqxz', ['サ', 'ー', 'バ', 'ー', 'abc', 'ー', 'qxz']],
  ['ﾊﾞｰ1905年', ['バ', 'ー', '1905', '年']],
])('%j has the words %j', (text, words) => {
  expect(wordsOf(text)).toEqual(words);
});
