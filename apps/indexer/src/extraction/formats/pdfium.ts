import { PDFiumLibrary } from '@hyzyla/pdfium';
import type { SourceFile } from '../child/source-file.ts';

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
