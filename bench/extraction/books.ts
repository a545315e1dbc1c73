/** One book of made-up words in each format that text is extracted from. */
import { strToU8, zipSync } from 'fflate';
import PdfDocument from 'pdfkit';
import type { TextFormat } from '../../apps/indexer/src/extraction/text-format.ts';
import { corpusOf } from '../search/corpus.ts';

/** The formats of books; a picture is none. */
export type BookFormat = Exclude<TextFormat, 'picture' | 'xml' | 'json' | 'tex' | 'subtitles' | 'rtf' | 'mail'>;

const CHAPTERS = 20;

/** Writes a book with this many pages of 300 words, in twenty chapters. */
export async function booksOf(pages: number): Promise<Record<BookFormat, Uint8Array>> {
  const texts = [...corpusOf({ documents: pages, books: 0 })].map(({ text }) => text);
  const chapters = Array.from({ length: CHAPTERS }, (_, at) => texts.filter((__, page) => page % CHAPTERS === at));
  return {
    plain: strToU8(texts.join('\n\n')),
    markdown: strToU8(chapters.map((each, at) => `# Chapter *${at}*\n\n${each.join('\n\n')}`).join('\n\n')),
    html: strToU8(`<html><body>${chapters.map((each) => paragraphs('p', each)).join('<hr/>')}</body></html>`),
    epub: epubOf(chapters),
    docx: zipSync({ 'word/document.xml': strToU8(`<w:document><w:body>${runs(texts)}</w:body></w:document>`) }),
    odt: zipSync({ 'content.xml': strToU8(odtOf(texts)) }),
    pdf: await pdfOf(texts),
  };
}

const paragraphs = (name: string, texts: readonly string[]): string =>
  texts.map((text) => `<${name}>${text}</${name}>`).join('\n');

const runs = (texts: readonly string[]): string =>
  texts.map((text) => `<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`).join('');

const odtOf = (texts: readonly string[]): string =>
  `<office:document-content><office:body><office:text>${paragraphs('text:p', texts)}</office:text></office:body></office:document-content>`;

function epubOf(chapters: readonly (readonly string[])[]): Uint8Array {
  const items = chapters.map((_, at) => `<item id="c${at}" href="${at}.xhtml"/>`).join('');
  const spine = chapters.map((_, at) => `<itemref idref="c${at}"/>`).join('');
  const files = chapters.map((each, at) => [
    `${at}.xhtml`,
    strToU8(
      `<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>${paragraphs('p', each)}</body></html>`,
    ),
  ]);
  return zipSync({
    'META-INF/container.xml': strToU8('<container><rootfiles><rootfile full-path="book.opf"/></rootfiles></container>'),
    'book.opf': strToU8(`<package><metadata/><manifest>${items}</manifest><spine>${spine}</spine></package>`),
    ...(Object.fromEntries(files) as Record<string, Uint8Array>),
  });
}

async function pdfOf(pages: readonly string[]): Promise<Uint8Array> {
  const document = new PdfDocument({ autoFirstPage: false });
  for (const text of pages) document.addPage().fontSize(9).text(text);
  document.end();
  const chunks: Buffer[] = [];
  for await (const chunk of document) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
