// Real: a child process, files that the test writes. Here are the formats that are written in letters.
import { encode } from 'iconv-lite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestExtractor } from '../../testing/test-extractor.ts';

let extractor: TestExtractor;
beforeAll(async () => {
  extractor = await TestExtractor.open();
});
afterAll(() => extractor.close());

test.each([
  [
    'a.srt',
    'application/x-subrip',
    '1\n00:00:01,000 --> 00:00:02,500\nTwo <i>her</i>ons\n\n2\n00:00:03,000 --> 00:00:04,000\nwade.\n',
    'Two herons wade. ',
  ],
  ['a.vtt', 'text/vtt', 'WEBVTT\n\n00:01.000 --> 00:02.000 align:start\nTwo herons\n', 'WEBVTT Two herons '],
  ['a.json', 'application/json', '{"note":"Two\\nh\\u00e9rons"}', '{note:Two hérons}'],
  ['a.sql', 'application/sql', '-- two herons\nselect 1;', '-- two herons select 1;'],
  ['a.sh', 'application/x-sh', 'echo herons', 'echo herons'],
  ['a.org', 'application/vnd.lotus-organizer', '* Herons\nwade', '* Herons wade'],
  ['a.ts', 'video/mp2t', 'const herons = 2;', 'const herons = 2;'],
  [
    'a.tex',
    'application/x-tex',
    '\\section{H\\\'erons} M\\"uller\\label{s} and her\\emph{on}s\\ss{} na\\"{\\i}ve',
    'Hérons Müller  and heronsß naïve',
  ],
  ['a.xml', 'application/xml', '<d><p>two <e>her</e>ons</p><p>wade</p><n>a</n><n>b</n></d>', 'two herons wade a b'],
  ['a.opml', 'text/x-opml', '<opml><outline text="Two herons"/><outline text="wade"/></opml>', 'Two herons wade'],
  [
    'a.fb2',
    'application/octet-stream',
    '<?xml version="1.0"?><FictionBook><p>Two herons</p></FictionBook>',
    'Two herons',
  ],
  [
    'a.svg',
    'image/svg+xml',
    '<svg xmlns="http://www.w3.org/2000/svg"><text>Two her<tspan>ons</tspan></text></svg>',
    'Two herons',
  ],
])('%s is read', async (name, mediaType, content, text) => {
  const extraction = await extractor.extractAs(name, mediaType, Buffer.from(content));
  expect(extraction).toMatchObject({ text });
});

test('the bytes of a picture in a notebook are no words', async () => {
  const notebook = JSON.stringify({ source: ['two herons\n'], 'image/png': 'iVBORw0KGgo'.repeat(60) });
  const extraction = await extractor.extractAs('a.ipynb', 'application/x-ipynb+json', Buffer.from(notebook));
  expect(extraction).toMatchObject({ text: '{source:[two herons ],image/png:""}' });
});

test('a program in letters that draws pages is not read', async () => {
  const extraction = await extractor.extractAs('a.ps', 'application/postscript', Buffer.from('%!PS\nshowpage'));
  expect(extraction).toMatchObject({ kind: 'problem' });
});

test('Rich Text Format is read in its code page, with what it says of itself', async () => {
  const rtf = encode(
    String.raw`{\rtf1\ansi\ansicpg1251{\fonttbl{\f0 Times;}}{\info{\title Of herons}{\author Ann Reed}}{\*\generator x;}` +
      String.raw`\pard Two {\b her}ons\par \'f6\'e0\'ef\'eb\'ff \u233?t\u233?\_x{\pict ffd8}\tab end}`,
    'latin1',
  );
  expect(await extractor.extractAs('a.rtf', 'application/rtf', rtf)).toMatchObject({
    text: 'Two herons цапля été-x end',
    metadata: { title: 'Of herons', creators: ['Ann Reed'] },
  });
});

test('a mail is read in its encodings, without its attachments', async () => {
  const mail = [
    'From: =?utf-8?B?QW5uIFLDqWVk?= <ann@example.org>',
    'Subject: =?iso-8859-1?Q?Two_h=E9rons?=',
    'Date: Wed, 1 Jul 1998 12:00:00 +0000',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary="b"',
    '',
    '--b',
    'Content-Type: text/html; charset=windows-1251',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    '<p>=F6=E0=EF=EB=FF st=\r\nands</p>',
    '--b',
    'Content-Type: application/zip',
    'Content-Disposition: attachment; filename="a.zip"',
    'Content-Transfer-Encoding: base64',
    '',
    'UEsDBA==',
    '--b--',
    '',
  ].join('\r\n');
  expect(await extractor.extractAs('a.eml', 'message/rfc822', Buffer.from(mail))).toMatchObject({
    text: 'Two hérons Ann Réed ann@example.org цапля stands',
    metadata: { title: 'Two hérons', creators: ['Ann Réed'], year: 1998 },
  });
});

test('a page that a browser saved as a mail is read', async () => {
  const page =
    'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>Two herons</p>\r\n--b--\r\n';
  expect(await extractor.extractAs('a.mht', 'message/rfc822', Buffer.from(page))).toMatchObject({ text: 'Two herons' });
});
