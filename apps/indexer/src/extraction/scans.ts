import { PDFiumLibrary } from '@hyzyla/pdfium';
import type { Statement } from '../domain/metadata.ts';
import { type ReadText, type RecognitionLimits, UnreadableText } from './extraction.ts';
import { Recogniser } from './recogniser.ts';
import { SectionList } from './section-list.ts';
import type { SourceFile } from './source-file.ts';

/** What Tesseract reads best. */
const DOTS_PER_INCH = 300;
const POINTS_PER_INCH = 72;
/** A page of A3 at that density; a larger one is drawn coarser. */
const MAX_PIXELS = 17_500_000;
/** A scan of A3 in the worst of formats; a picture that is larger was not made to be read. */
const MAX_PICTURE_BYTES = 128 * 1024 * 1024;

type Page = ReturnType<Awaited<ReturnType<PDFiumLibrary['loadDocument']>>['getPage']>;

/** How a scanned PDF is read. */
export interface ScanReading {
  readonly maxCharacters: number;
  /** What the document says of itself. */
  readonly statements: readonly Statement[];
  readonly limits: RecognitionLimits;
}

/** Reads the text off the pages of a scanned PDF, as many as there is time for. */
export async function recognisePdf(
  file: SourceFile,
  { maxCharacters, statements, limits }: ScanReading,
): Promise<ReadText> {
  const recogniser = await Recogniser.start(limits);
  const library = await PDFiumLibrary.init();
  const document = await library.loadDocument(await file.readStart(file.sizeBytes));
  try {
    const pages = new SectionList(maxCharacters);
    const count = document.getPageCount();
    let read = 0;
    while (read < count && !pages.isFull && !recogniser.isTimeUp) {
      const text = recogniser.textOf(await pictureOf(document.getPage(read)));
      pages.add({ page: (read += 1), chapter: null, text: text ?? '' });
    }
    if (pages.isBlank)
      throw new UnreadableText('the PDF holds only images, and OCR found no text in them', { statements });
    return { ...pages.read(statements), truncated: pages.isFull || read < count };
  } finally {
    document.destroy();
    library.destroy();
    recogniser.end();
  }
}

/** Reads the text off a picture. */
export async function recognisePicture(
  file: SourceFile,
  maxCharacters: number,
  limits: RecognitionLimits,
): Promise<ReadText> {
  if (file.sizeBytes > MAX_PICTURE_BYTES) throw new UnreadableText('the picture is too large for OCR');
  const recogniser = await Recogniser.start(limits);
  try {
    const text = recogniser.textOf(await file.readStart(file.sizeBytes));
    if (text === null) throw new UnreadableText('the picture is damaged, or of a kind that OCR does not read');
    if (text === '') throw new UnreadableText('OCR found no text in the picture');
    const found = new SectionList(maxCharacters);
    found.add({ page: null, chapter: null, text });
    return found.read([]);
  } finally {
    recogniser.end();
  }
}

/** A page as a grey picture in PGM. */
async function pictureOf(page: Page): Promise<Uint8Array> {
  const { originalWidth, originalHeight } = page.getOriginalSize();
  const finest = DOTS_PER_INCH / POINTS_PER_INCH;
  const scale = Math.min(finest, Math.sqrt(MAX_PIXELS / Math.max(1, originalWidth * originalHeight)));
  const { data } = await page.render({ scale, render: async (bitmap) => pgmOf(bitmap) });
  return data;
}

/** Portable Gray Map, of four bytes for each dot: the weights of ITU-R BT.601 in 256ths. */
function pgmOf({ data, width, height }: { data: Uint8Array; width: number; height: number }): Uint8Array {
  const header = Buffer.from(`P5\n${width} ${height}\n255\n`);
  const pgm = Buffer.alloc(header.length + width * height);
  header.copy(pgm);
  for (let from = 0, to = header.length; to < pgm.length; from += 4, to++) {
    pgm[to] = ((data[from] ?? 0) * 77 + (data[from + 1] ?? 0) * 150 + (data[from + 2] ?? 0) * 29) >> 8;
  }
  return pgm;
}
