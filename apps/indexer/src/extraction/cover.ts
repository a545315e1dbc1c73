import { PDFiumLibrary } from '@hyzyla/pdfium';
import { decode as decodeJpeg, encode as encodeJpeg } from 'jpeg-js';
import { PNG } from 'pngjs';
import { textFormatOf } from '../domain/text-format.ts';
import { type Picture, scaleInto, thumbnailOf } from '../domain/thumbnail.ts';
import { coverOfEpub } from './epub.ts';
import type { SourceFile } from './source-file.ts';

/** The longer side of a cover, in dots. */
const SIDE = 320;
const QUALITY = 75;
/** A cover as a publisher makes it has 4 million dots; what has more than this was made to fill memory. */
const MAX_MEGAPIXELS = 30;
const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Where a PNG says how wide it is, and behind it how high. */
const PNG_WIDTH_AT = 16;

/** A small JPEG of a document's cover, drawn anew from what the document holds; null when it has none that can be drawn. */
export async function coverOf(file: SourceFile, mediaType: string): Promise<Buffer | null> {
  const cover = await originalOf(file, mediaType);
  return cover && encodeJpeg(thumbnailOf(cover, SIDE), QUALITY).data;
}

async function originalOf(file: SourceFile, mediaType: string): Promise<Picture | null> {
  const format = textFormatOf(mediaType);
  if (format === 'pdf') return firstPageOf(file);
  const picture = format === 'epub' ? await coverOfEpub(file) : null;
  return picture && decoded(picture);
}

async function firstPageOf(file: SourceFile): Promise<Picture | null> {
  const library = await PDFiumLibrary.init();
  const document = await library.loadDocument(await file.readStart(file.sizeBytes));
  try {
    if (document.getPageCount() === 0) return null;
    const page = document.getPage(0);
    const { originalWidth: width, originalHeight: height } = page.getOriginalSize();
    const scale = scaleInto(SIDE * 2, { width, height }); // drawn larger and then made small: thin lines stay
    const drawn = await page.render({ scale, render: async ({ data }) => Uint8Array.from(data) });
    return { width: drawn.width, height: drawn.height, data: drawn.data };
  } finally {
    document.destroy();
    library.destroy();
  }
}

/** A JPEG or a PNG of a size that is bounded before it is read. */
function decoded(bytes: Buffer): Picture | null {
  if (bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))) {
    return decodeJpeg(bytes, { maxResolutionInMP: MAX_MEGAPIXELS, maxMemoryUsageInMB: 256, useTArray: true });
  }
  if (!bytes.subarray(0, PNG_SIGNATURE.length).equals(PNG_SIGNATURE) || bytes.length < PNG_WIDTH_AT + 8) return null;
  const dots = bytes.readUInt32BE(PNG_WIDTH_AT) * bytes.readUInt32BE(PNG_WIDTH_AT + 4);
  return dots > MAX_MEGAPIXELS * 1_000_000 ? null : PNG.sync.read(bytes);
}
