import { PDFiumLibrary } from '@hyzyla/pdfium';
import { FileChanged, type SourceFile } from './source-file.ts';

/** A PDF whose pages can be drawn. */
export type DrawablePdf = Awaited<ReturnType<PDFiumLibrary['loadDocument']>>;

/** Opens a PDF with PDFium for some work, and frees its memory. */
export async function withPdfium<T>(file: SourceFile, work: (pdf: DrawablePdf) => Promise<T>): Promise<T> {
  const library = await PDFiumLibrary.init();
  try {
    const pdf = await library.loadDocument(await file.readStart(file.sizeBytes));
    try {
      return await work(pdf);
    } finally {
      pdf.destroy();
    }
  } finally {
    library.destroy();
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

/** How many of the pages hold pictures; all of them where PDFium can't open the PDF, which is too large for anything else. */
export const countPicturePages = (file: SourceFile, pages: readonly number[]): Promise<number> =>
  withPdfium(file, async (pdf) => pages.filter((page) => showsPicture(pdf, page)).length).catch((error: unknown) => {
    if (error instanceof FileChanged) throw error;
    return pages.length;
  });
