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
  expect(textOfHtml(html)).toBe(text);
});
