// Pure rules.
import { expect, test } from 'vitest';
import { withWholeWords } from './divided-words.ts';
import { countWords } from './words.ts';

const joined = (...pages: string[]): string[] =>
  withWholeWords(pages.map((text, at) => ({ page: at + 1, chapter: null, text }))).map(({ text }) => text);

test.each([
  ['a hyphen', 'two her-\nons wade', 'two herons wade\nher-ons'],
  ['U+2010', 'two her\u2010\r\nons wade', 'two herons wade\nher-ons'],
  ['the sign that PDFium writes', 'two her\uFFFE\r\nons wade', 'two herons wade\nher-ons'],
  ['an Armenian hyphen', 'թռ\u058A\nչուն', 'թռչուն\nթռ-չուն'],
  ['a hyphen before Cyrillic letters', 'цап-\nля стоит', 'цапля стоит\nцап-ля'],
  ['a hyphen before Devanagari letters', 'हिन्-\nदी', 'हिन्दी\nहिन्-दी'],
  ['a hyphen in capitals', 'THE HER-\nONS', 'THE HERONS\nHER-ONS'],
  ['two line ends', 'Wasser-\nvogel-\nkunde', 'Wasservogelkunde\nWasser-vogel-kunde'],
  ['a line end of a quotation', '> two her-\n> ons', '> two herons\nher-ons'],
  ['a blank line', 'two her-\n\nons', 'two herons\nher-ons'],
])('a word divided by %s is joined, and its parts are kept', (_, text, expected) => {
  expect(joined(text)).toEqual([expected]);
});

test.each([
  ['a soft hyphen', 'two her\u00AD\nons wade', 'two herons wade'],
  ['a soft hyphen within a line', 'two her\u00ADons wade', 'two herons wade'],
  ['a hyphen, if it stands undivided elsewhere', 'her-\nons and herons', 'herons and herons'],
])('a word divided by %s has no other spelling', (_, text, expected) => {
  expect(joined(text)).toEqual([expected]);
});

test.each([
  ['a name', 'from Saint-\nGermain', 'from Saint-Germain'],
  ['numbers', '1903-\n1904', '1903-\n1904'],
  ['a hyphen repeated on the next line', 'biało-\n-czerwony', 'biało-czerwony'],
  ['a dash', 'a heron -\nor two', 'a heron -\nor two'],
  ['a hyphen within a line', 'self\uFFFEevident', 'self-evident'],
])('%s keeps its hyphen', (_, text, expected) => {
  expect(joined(text)).toEqual([expected]);
});

test.each([
  ['a compound that stands elsewhere', 'mud-\nflat, mud-flat', 'mud-flat, mud-flat\nmudflat'],
  ['a compound that always has one', 'a self-\nevident truth', 'a self-evident truth\nselfevident'],
  ['a compound whose end follows', 'Vor-\nund Nachteile', 'Vor- und Nachteile\nVorund'],
])('%s keeps its hyphen, and is found joined', (_, text, expected) => {
  expect(joined(text)).toEqual([expected]);
});

test('a word that a page break divides belongs to the page that it begins on', () => {
  expect(joined('The carto-\n', 'graphic office')).toEqual(['The cartographic\ncarto-graphic', ' office']);
});

test('a word that a page break divides is found behind page numbers and running heads', () => {
  expect(joined('The carto-\n12', 'HARBOURS\ngraphic office')).toEqual([
    'The carto-\n12\ncartographic',
    'HARBOURS\ngraphic office',
  ]);
});

test('the other spellings of a long text stay near their words', () => {
  const [text = ''] = joined(`her-\nons\n${'a line of words\n'.repeat(1_000)}swal-\nlows`);
  expect(text.indexOf('her-ons')).toBeLessThan(20_000);
  expect(countWords(text)).toBe(4_000 + 2 + 4);
});

test('a text without divided words stays as it is', () => {
  expect(joined('Two herons\nwade', '')).toEqual(['Two herons\nwade', '']);
});
