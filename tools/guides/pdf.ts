import { buffer } from 'node:stream/consumers';
import PDFDocument from 'pdfkit';
import { type Guide, MADE_ON } from './guide.ts';
import { type Block, blocksOf } from './text.ts';

const MARGIN = 72;
const INDENT = 14;

const STYLES: Record<Block['kind'], { font: string; size: number; gapAfter: number; indent: number }> = {
  title: { font: 'Helvetica-Bold', size: 20, gapAfter: 14, indent: 0 },
  heading: { font: 'Helvetica-Bold', size: 13, gapAfter: 6, indent: 0 },
  paragraph: { font: 'Times-Roman', size: 11, gapAfter: 10, indent: 0 },
  item: { font: 'Times-Roman', size: 11, gapAfter: 6, indent: INDENT },
  code: { font: 'Courier', size: 9, gapAfter: 10, indent: INDENT },
};

/** A guide as a PDF. */
export async function toPdf(guide: Guide): Promise<Buffer> {
  const pdf = new PDFDocument({
    size: 'A4',
    margin: MARGIN,
    lang: 'en',
    info: { Title: guide.title, Author: 'AlLibrary', CreationDate: new Date(MADE_ON) },
  });
  for (const { kind, text } of blocksOf(guide)) {
    const { font, size, gapAfter, indent } = STYLES[kind];
    const width = pdf.page.width - 2 * MARGIN - indent;
    pdf
      .font(font)
      .fontSize(size)
      .text(text, MARGIN + indent, pdf.y, { width });
    pdf.y += gapAfter;
  }
  pdf.end();
  return buffer(pdf);
}
