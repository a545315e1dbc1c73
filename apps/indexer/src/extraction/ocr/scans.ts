import { imageSize } from 'image-size';
import type { Statement } from '../description/metadata.ts';
import { type ReadText, type RecognitionLimits, UnreadableText } from '../extraction.ts';
import { type DrawablePdf, showsPicture, withPdfium } from '../formats/pdfium.ts';
import { Recogniser, type Scan, UPRIGHT } from './recogniser.ts';
import { SectionList } from '../text/section-list.ts';
import type { SourceFile } from '../child/source-file.ts';
import { tiffPages } from './tiff-pages.ts';

/** What Tesseract reads best. */
const DOTS_PER_INCH = 300;
const POINTS_PER_INCH = 72;
/** A page of A3 at that density has 17 million dots; a larger one is drawn coarser, a larger picture not read. */
const MAX_PIXELS = 24_000_000;
/** A scan of A3 in the worst of formats; a picture that is larger was not made to be read. */
const MAX_PICTURE_BYTES = 128 * 1024 * 1024;

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
  try {
    const found = await withPdfium(file, (pdf) => recognisePages(picturesOf(pdf), recogniser, maxCharacters));
    if (found.isBlank)
      throw new UnreadableText('the PDF holds only images, and OCR found no text in them', { statements });
    return { ...found.read, statements };
  } finally {
    recogniser.end();
  }
}

/** Adds the text of the pictures on sparse pages of a PDF to what the PDF says in letters, as far as there is time. */
export async function recogniseSparsePages(
  file: SourceFile,
  { sections, sparsePages = [], statements, truncated }: ReadText,
  { maxCharacters, limits }: Pick<ScanReading, 'maxCharacters' | 'limits'>,
  onRecognising: () => Promise<void>,
): Promise<ReadText> {
  return withPdfium(file, async (pdf) => {
    const pages = sparsePages.filter((page) => showsPicture(pdf, page));
    if (pages.length === 0) return { sections, statements, truncated };
    await onRecognising();
    const recogniser = await Recogniser.start(limits);
    try {
      const { read } = await recognisePages(picturesOf(pdf, pages), recogniser, maxCharacters);
      const found = new Map(read.sections.map(({ text }, at) => [pages[at], text]));
      const whole = new SectionList(maxCharacters);
      for (const { text, ...place } of sections) {
        const more = found.get(place.page ?? 0) ?? '';
        whole.add({ ...place, text: [text, more].filter(Boolean).join('\n') });
      }
      const isCut = read.sections.length < pages.length;
      return { ...whole.read(statements), truncated: truncated || isCut };
    } finally {
      recogniser.end();
    }
  });
}

/** Reads the text off a picture; those of a TIFF with several are its pages. */
export async function recognisePicture(
  file: SourceFile,
  maxCharacters: number,
  limits: RecognitionLimits,
): Promise<ReadText> {
  if (file.sizeBytes > MAX_PICTURE_BYTES) throw new UnreadableText('the picture is too large for OCR');
  const recogniser = await Recogniser.start(limits);
  try {
    const bytes = await file.readStart(file.sizeBytes);
    const pages = tiffPages(bytes);
    const { read, isBlank } = await recognisePages(checked(pages ?? [bytes]), recogniser, maxCharacters);
    if (isBlank) throw new UnreadableText('OCR found no text in the picture');
    return pages ? read : { ...read, sections: read.sections.map((section) => ({ ...section, page: null })) };
  } finally {
    recogniser.end();
  }
}

/** One picture after the other, as many as there is time for; when one can't be read, those before it are kept. */
async function recognisePages(
  pages: Iterable<Scan> | AsyncIterable<Scan>,
  recogniser: Recogniser,
  maxCharacters: number,
): Promise<{ readonly read: ReadText; readonly isBlank: boolean }> {
  const found = new SectionList(maxCharacters);
  let read = 0;
  let isCut = false;
  try {
    for await (const page of pages) {
      isCut = found.isFull || recogniser.isTimeUp;
      if (isCut) break;
      const text = recogniser.textOf(page);
      found.add({ page: (read += 1), chapter: null, text });
    }
  } catch (error) {
    if (found.isBlank) throw error;
    isCut = true;
  }
  return { read: { ...found.read([]), truncated: found.isFull || isCut }, isBlank: found.isBlank };
}

/** Pictures, and how they lie; their size is looked at before they are decoded, for a small file may hold a vast one. */
function* checked(pictures: Iterable<Buffer>): Generator<Scan> {
  for (const picture of pictures) {
    const { width, height, orientation = UPRIGHT } = sizeOf(picture);
    if (width * height > MAX_PIXELS) {
      const most = MAX_PIXELS / 1_000_000;
      throw new UnreadableText(`the picture has ${width} x ${height} dots; OCR reads at most ${most} million`);
    }
    yield { picture, orientation };
  }
}

function sizeOf(bytes: Buffer): ReturnType<typeof imageSize> {
  try {
    return imageSize(bytes);
  } catch (error) {
    throw new UnreadableText('the picture is damaged, or of a kind that OCR does not read', { cause: error });
  }
}

/** The pages of a PDF as pictures, each drawn when it is wanted. */
async function* picturesOf(pdf: DrawablePdf, pages = allPagesOf(pdf)): AsyncGenerator<Scan> {
  for (const page of pages) yield await pictureOf(pdf.getPage(page - 1));
}

const allPagesOf = (pdf: DrawablePdf): number[] => Array.from({ length: pdf.getPageCount() }, (_, at) => at + 1);

/** A page as a grey picture in PGM. */
async function pictureOf(page: ReturnType<DrawablePdf['getPage']>): Promise<Scan> {
  const { originalWidth, originalHeight } = page.getOriginalSize();
  const finest = DOTS_PER_INCH / POINTS_PER_INCH;
  const scale = Math.min(finest, Math.sqrt(MAX_PIXELS / Math.max(1, originalWidth * originalHeight)));
  const { data } = await page.render({ scale, render: async (bitmap) => pgmOf(bitmap) });
  return { picture: data, orientation: UPRIGHT };
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
