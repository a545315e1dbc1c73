import { expect, test } from 'vitest';
import { textOfHtml } from './html.ts';

test.each([
  ['<title>Herons</title><body><h1>Grey</h1><p>stands <b>st</b>ill</p>', 'Herons\nGrey\nstands still'],
  ['a<script>hidden()</script>b<style>p{}</style>c', 'a\nb\nc'],
  ['one<br>two<br/>three', 'one\ntwo\nthree'],
  ['&lt;tag&gt; &amp; caf&eacute; &#x1F426;', '<tag> & café 🐦'],
  ['<p>unclosed <i>tags <div>are fine', 'unclosed tags\nare fine'],
  ['<svg><text>label</text></svg>text', 'text'],
  ['<td>a</td><td>b</td>', 'a\nb'],
  ['no markup at all', 'no markup at all'],
])('%s says %j', (html, text) => {
  expect(textOfHtml(html, 1_000)).toBe(text);
});

test('a long page is read to a little beyond the limit', () => {
  const text = textOfHtml('<p>a grey <b>heron</b></p>'.repeat(100_000), 50_000);
  expect(text.length).toBeGreaterThan(50_000);
  expect(text.length).toBeLessThan(200_000);
  expect(text.slice(0, 25)).toBe('a grey heron\na grey heron');
});

test('words and entities are not torn where the page is parsed in pieces', () => {
  const text = textOfHtml('caf&eacute; <i>noir</i> '.repeat(10_000), 1_000_000);
  expect(text.split(' ')).toEqual(Array.from({ length: 20_000 }, (_, at) => (at % 2 ? 'noir' : 'café')));
});
