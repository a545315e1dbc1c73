import { expect, test } from 'vitest';
import { textOfHtml } from './html-text.ts';

test.each([
  ['<title>Herons</title><body><h1>Grey</h1><p>stands <b>st</b>ill</p>', 'Herons\nGrey\nstands still'],
  ['a<script>hidden()</script>b<style>p{}</style>c', 'a\nb\nc'],
  ['one<br>two<br/>three', 'one\ntwo\nthree'],
  ['&lt;tag&gt; &amp; caf&eacute; &#x1F426;', '<tag> & café 🐦'],
  ['<p>unclosed <i>tags <div>are fine', 'unclosed tags\nare fine'],
  ['<svg><text>label</text></svg>text', 'label\ntext'],
  ['<td>a</td><td>b</td>', 'a\nb'],
  ['no markup at all', 'no markup at all'],
  ['<big>H</big>er<strike>on</strike><acronym>s</acronym> <label>w</label>a<x-y>d</x-y>e', 'Herons wade'],
  ['<img alt="H">erons <img alt="grey">wade', 'Herons wade'],
  ['<html:p>one <html:i>her</html:i>on</html:p><html:p>two</html:p>', 'one heron\ntwo'],
  ['<ruby>青<rp>(</rp><rt>あお</rt><rp>)</rp>鷺<rt>さぎ</rt></ruby>が', '青鷺が\nあおさぎ'],
  ['<p><ruby>鷺<rt>さぎ</rt></ruby>と<b>黒い</b><ruby>鵜<rt>う</rt></ruby></p>', '鷺と黒い鵜\nさぎ う'],
  [
    'herons<sup>4</sup> and storks<sup><a href="#n">[5]</a></sup>, gulls<a href="#m">6</a>',
    'herons 4 and storks [5] , gulls 6',
  ],
  ['<p><sup>16</sup>Two herons on 20 m<sup>2</sup> of CO<sub>2</sub></p>', '16 Two herons on 20 m2 of CO2'],
  ['<svg><title>hidden</title><text>two <tspan>her</tspan>ons</text><path/></svg>wade', 'two herons\nwade'],
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
