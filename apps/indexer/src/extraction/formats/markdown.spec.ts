import { expect, test } from 'vitest';
import { withoutMarkup } from './markdown.ts';

test.each([
  ['# Herons of the *north* #', 'Herons of the north'],
  ['see [the guide](https://a.example/b) and ![a bird](b.png)', 'see the guide and a bird'],
  ['as [told][1] before\n[1]: https://a.example/x "title"', 'as told before\n'],
  ['> 1. **quoted** item\n> - [x] done', 'quoted item\ndone'],
  ['```js\nconst heron = 1;\n```', '\nconst heron = 1;\n'],
  ['| bird | size |\n|------|:----:|', '  bird   size  \n'],
  ['Title\n=====\n\n---', 'Title\n\n\n'],
  ['snake_case_name and 2 * 3 * 4 stay', 'snake_case_name and 2 * 3 * 4 stay'],
  ['a <b class="x">bold</b> word<!-- hidden -->', 'a bold word '],
  ['**Grey**heron and heron**s**, <i>h</i>eron and heron~~s~~', 'Greyheron and herons, heron and herons'],
])('%j says %j', (markdown, text) => {
  expect(withoutMarkup(markdown)).toBe(text);
});

test.each(['[a', '[a](', '![', '<a ', '<!--', '**', '> ', ' ', '- ', '| ', '#', ' #', '`', '\\', '[a]: '])(
  'a line that repeats %j a hundred thousand times is read in time',
  (sign) => {
    expect(withoutMarkup(sign.repeat(100_000)).length).toBeLessThanOrEqual(sign.length * 100_000);
  },
);
