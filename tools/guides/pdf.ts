import { buffer } from 'node:stream/consumers';
import PDFDocument from 'pdfkit';
import type { Guide } from './guide.ts';
import { type Block, blocksOf } from './text.ts';

/** The same guide gives the same bytes, and so the same document id, every day. */
const MADE = new Date('2026-11-23T00:00:00Z');

const STYLES: Record<Block['kind'], { font: string; size: number; gap: number }> = {
  title: { font: 'Helvetica-Bold', size: 20, gap: 14 },
  heading: { font: 'Helvetica-Bold', size: 13, gap: 6 },
  paragraph: { font: 'Times-Roman', size: 11, gap: 10 },
};

/** A guide as a PDF. */
export async function toPdf(guide: Guide): Promise<Buffer> {
  const pdf = new PDFDocument({
    size: 'A4',
    margin: 72,
    info: { Title: guide.title, Author: 'AlLibrary', CreationDate: MADE },
  });
  for (const { kind, text } of blocksOf(guide)) {
    const { font, size, gap } = STYLES[kind];
    pdf.font(font).fontSize(size).text(text, { paragraphGap: gap });
  }
  pdf.end();
  return buffer(pdf);
}
