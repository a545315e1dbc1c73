import { imageSize } from 'image-size';
import { decode as decodeJpeg, encode as encodeJpeg } from 'jpeg-js';
import { GifReader } from 'omggif';
import { PNG } from 'pngjs';
import { textFormatOf } from '../text-format.ts';
import { type Picture, scaleInto, thumbnailOf } from './thumbnail.ts';
import { coverOfEpub } from '../zip-formats/epub.ts';
import { withPdfium } from '../formats/pdfium.ts';
import type { SourceFile } from '../child/source-file.ts';

/** The longer side of a cover, in dots. */
const SIDE = 320;
const QUALITY = 75;
/** A cover as a publisher makes it has 4 million dots; what has more than this was made to fill memory. */
const MAX_MEGAPIXELS = 30;

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

const firstPageOf = (file: SourceFile): Promise<Picture | null> =>
  withPdfium(file, async (pdf) => {
    if (pdf.getPageCount() === 0) return null;
    const page = pdf.getPage(0);
    const { originalWidth: width, originalHeight: height } = page.getOriginalSize();
    const scale = scaleInto(SIDE * 2, { width, height }); // drawn larger and then made small: thin lines stay
    return page.render({ scale, render: async ({ data }) => Uint8Array.from(data) });
  });

/** A picture of a size that is bounded before it is read. */
async function decoded(bytes: Buffer): Promise<Picture | null> {
  const { type, width, height } = imageSize(bytes);
  if (width * height > MAX_MEGAPIXELS * 1_000_000) return null;
  if (type === 'png') return PNG.sync.read(bytes);
  if (type === 'gif') return firstFrameOf(bytes);
  if (type === 'webp') return webpOf(bytes);
  if (type !== 'jpg') return null;
  return decodeJpeg(bytes, { maxResolutionInMP: MAX_MEGAPIXELS, maxMemoryUsageInMB: 256, useTArray: true });
}

function firstFrameOf(bytes: Buffer): Picture {
  const gif = new GifReader(bytes);
  const data = new Uint8Array(gif.width * gif.height * 4);
  gif.decodeAndBlitFrameRGBA(0, data);
  return { width: gif.width, height: gif.height, data };
}

async function webpOf(bytes: Buffer): Promise<Picture> {
  const { decode } = await import('@cwasm/webp');
  const { width, height, data } = decode(bytes);
  return { width, height, data: new Uint8Array(data.buffer) };
}
