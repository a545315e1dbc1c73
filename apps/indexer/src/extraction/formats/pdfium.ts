import { PDFiumLibrary } from '@hyzyla/pdfium';
import { FileChanged, type SourceFile } from '../child/source-file.ts';
import { wear } from '../child/wear.ts';

/** A PDF whose pages can be drawn. */
export type DrawablePdf = Awaited<ReturnType<PDFiumLibrary['loadDocument']>>;

/** One for all documents: after some of them a process with limited address space could start no more. */
let library: Promise<PDFiumLibrary> | undefined;

/** Opens a PDF with PDFium for some work, and frees its memory. */
export async function withPdfium<T>(file: SourceFile, work: (pdf: DrawablePdf) => Promise<T>): Promise<T> {
  const bytes = await file.readStart(file.sizeBytes);
  try {
    library ??= PDFiumLibrary.init();
    const pdf = await (await library).loadDocument(bytes);
    try {
      return await work(pdf);
    } finally {
      pdf.destroy();
    }
  } catch (error) {
    // It ran out of memory or was led astray: it can't be used any more.
    if (error instanceof Error && error.name === 'RuntimeError') wear.isOut = true;
    throw error;
  }
}

/** Whether a page, counted from 1, holds a picture. */
export function showsPicture(pdf: DrawablePdf, page: number): boolean {
  try {
    for (const { type } of pdf.getPage(page - 1).objects()) if (type === 'image') return true;
    return false;
  } catch {
    return false; // a page that PDFium can't load has no picture that it could draw
  }
}

/** Those of the pages that hold pictures; all of them where PDFium can't open the PDF, which is too large for anything else. */
export const picturePagesAmong = (file: SourceFile, pages: readonly number[]): Promise<readonly number[]> =>
  withPdfium(file, async (pdf) => pages.filter((page) => showsPicture(pdf, page))).catch((error: unknown) => {
    if (error instanceof FileChanged) throw error;
    return pages;
  });
