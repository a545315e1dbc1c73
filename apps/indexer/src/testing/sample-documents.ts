import { buffer } from 'node:stream/consumers';
import { strToU8, zipSync } from 'fflate';
import PdfDocument from 'pdfkit';
import type { TextFormat } from '../extraction/text-format.ts';
import { drawnPdf } from './drawn-pdf.ts';
import { pdfOf } from './hand-written-pdf.ts';

/** The parts of a document: several files in an archive, or one. */
export type SampleParts = Readonly<Record<string, Uint8Array>>;

/** A small document that can be read. */
export interface SampleDocument {
  readonly format: TextFormat;
  readonly parts: SampleParts;
  readonly bytesOf: (parts: SampleParts) => Uint8Array;
}

const PARAGRAPH = 'The grey heron stands still in the shal-\nlow water of the volavčí rybník, 苍鹭, цапля. '.repeat(4);

/** Documents of every format that needs no OCR; each uses as much of its format as fits into a small one. */
export async function sampleDocuments(): Promise<SampleDocument[]> {
  return [
    single('plain', PARAGRAPH),
    single('plain', Buffer.from(`\uFEFF${PARAGRAPH}`, 'utf16le')),
    single('plain', Buffer.from('Der h\xe9ron \x96 gr\xfc\xdft \x80. '.repeat(9), 'latin1')),
    single('markdown', `# Herons\n\n${PARAGRAPH}\n\n| a | b |\n|---|---|\n| *one* | [two](https://a.example) |\n`),
    single(
      'html',
      `<!doctype html><meta charset="utf-8"><title>Herons</title><h1>One</h1><p>her<b>ons</b>${PARAGRAPH}`,
    ),
    single(
      'xml',
      `<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE a [<!ENTITY h "heron">]><a b="c">&h;${PARAGRAPH}</a>`,
    ),
    single('json', JSON.stringify({ title: 'Herons', list: [1, true, null, { text: PARAGRAPH }] })),
    single('tex', `\\documentclass{book}\\begin{document}\\section{Herons} ${PARAGRAPH} $x^2$ \\"o \\end{document}`),
    single(
      'subtitles',
      '1\n00:00:01,000 --> 00:00:02,000\nThe grey heron\n\n2\n00:00:03,000 --> 00:00:04,000\nstands\n',
    ),
    single(
      'rtf',
      "{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}}{\\info{\\title Herons}}\\f0 Gr\\'fc\\'dfe \\u8211? \\par heron}",
    ),
    single('mail', mail()),
    single('pdf', pdfOf('the grey heron', 'a second page', '')),
    single(
      'pdf',
      drawnPdf('باتكلا', null, '/Annots [<< /Type /Annot /Subtype /FreeText /Rect [1 2 3 4] /Contents (a) >>]'),
    ),
    single('pdf', await printedPdf()),
    archive('epub', {
      mimetype: 'application/epub+zip',
      'META-INF/container.xml': '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>',
      'OPS/book.opf':
        '<package><metadata><dc:title>Herons</dc:title><dc:creator>Ann Reed</dc:creator></metadata><manifest>' +
        '<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/><item id="n" href="n.xhtml" properties="nav"/>' +
        '</manifest><spine><itemref idref="a"/></spine></package>',
      'OPS/a.xhtml': `<html><body><h1 id="c">One</h1><p><ruby>庭<rt>てい</rt></ruby> ${PARAGRAPH}</p></body></html>`,
      'OPS/n.xhtml':
        '<html><body><nav epub:type="toc"><ol><li><a href="a.xhtml#c">One</a></li></ol></nav></body></html>',
    }),
    archive('docx', {
      '[Content_Types].xml': '<Types/>',
      'word/_rels/document.xml.rels':
        '<Relationships><Relationship Type="http://purl.oclc.org/ooxml/footnotes" Target="footnotes.xml"/></Relationships>',
      'word/document.xml': `<w:document><w:body><w:p><w:r><w:t>${PARAGRAPH}</w:t><w:footnoteReference w:id="2"/></w:r></w:p></w:body></w:document>`,
      'word/footnotes.xml':
        '<w:footnotes><w:footnote w:id="2"><w:p><w:r><w:t>Grey ones.</w:t></w:r></w:p></w:footnote></w:footnotes>',
    }),
    archive('odt', {
      mimetype: 'application/vnd.oasis.opendocument.text',
      'META-INF/manifest.xml': '<manifest:manifest/>',
      'meta.xml': '<office:document-meta><office:meta><dc:title>Herons</dc:title></office:meta></office:document-meta>',
      'content.xml': `<office:document-content><office:body><office:text><text:h>One</text:h><text:p>${PARAGRAPH}</text:p></office:text></office:body></office:document-content>`,
    }),
  ];
}

function single(format: TextFormat, content: string | Uint8Array): SampleDocument {
  const whole = typeof content === 'string' ? strToU8(content) : new Uint8Array(content);
  return { format, parts: { whole }, bytesOf: (parts) => parts['whole'] ?? new Uint8Array() };
}

function archive(format: TextFormat, files: Readonly<Record<string, string>>): SampleDocument {
  const parts = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)]));
  return { format, parts, bytesOf: (changed) => zipSync({ ...changed }) };
}

const mail = (): string =>
  [
    'From: =?utf-8?q?Ann_R=C3=A9ed?= <ann@a.example>',
    'Subject: Herons',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary="b"',
    '',
    '--b',
    'Content-Type: text/html; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from(`<p>${PARAGRAPH}</p>`).toString('base64'),
    '--b',
    'Content-Type: text/plain; charset=iso-8859-1; name="a.txt"',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    'Gr=FC=DFe von den Rei=\nhern',
    '--b--',
    '',
  ].join('\r\n');

/** A PDF with compressed streams, metadata and a form. */
async function printedPdf(): Promise<Uint8Array> {
  const pdf = new PdfDocument({ info: { Title: 'Herons', Author: 'Ann Reed' } });
  pdf.font('Helvetica').text('The grey heron stands still.').initForm();
  pdf.formText('name', 10, 60, 200, 20, { value: 'Philippa' });
  pdf.addPage().text('A second page. '.repeat(50));
  pdf.end();
  return buffer(pdf);
}
