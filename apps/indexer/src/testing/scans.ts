import { buffer } from 'node:stream/consumers';
import { crc32, deflateSync } from 'node:zlib';
import { PDFiumLibrary } from '@hyzyla/pdfium';
import PdfDocument from 'pdfkit';

/** A picture in grey, of a byte for each dot. */
export interface GreyPicture {
  readonly width: number;
  readonly height: number;
  readonly dots: Uint8Array;
}

/** Draws a page of text, as a scanner would see it. */
export async function pictureOfText(...lines: string[]): Promise<GreyPicture> {
  const pdf = new PdfDocument({ size: [420, 300], margin: 30 });
  pdf.font('Times-Roman').fontSize(16);
  for (const line of lines) pdf.text(line);
  pdf.end();
  const library = await PDFiumLibrary.init();
  const document = await library.loadDocument(await buffer(pdf));
  const drawn = await document.getPage(0).render({ scale: 3, render: async ({ data }) => data });
  const dots = Uint8Array.from({ length: drawn.width * drawn.height }, (_, at) => drawn.data[at * 4] ?? 0);
  document.destroy();
  library.destroy();
  return { width: drawn.width, height: drawn.height, dots };
}

/** A picture as PNG (the W3C's recommendation, sections 5 and 11). */
export function pngOf({ width, height, dots }: GreyPicture): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8; // bits, grey, no interlace
  const rows = Buffer.alloc((width + 1) * height);
  for (let row = 0; row < height; row++) rows.set(dots.subarray(row * width, (row + 1) * width), row * (width + 1) + 1);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.of()),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A PDF that shows a picture on each page, and no text. */
export async function scanOf(...pictures: GreyPicture[]): Promise<Uint8Array> {
  const pdf = new PdfDocument({ autoFirstPage: false, info: { Title: 'A scan' } });
  for (const picture of pictures) {
    const size: [number, number] = [picture.width / 3, picture.height / 3];
    pdf.addPage({ size, margin: 0 }).image(pngOf(picture), 0, 0, { fit: size });
  }
  pdf.end();
  return buffer(pdf);
}

/** A TIFF file with a page for each picture, uncompressed (TIFF 6.0, sections 2 and 4). */
export function tiffOf(...pages: readonly GreyPicture[]): Buffer {
  let file = Buffer.from('II*\0\0\0\0\0', 'latin1');
  let pointerAt = 4;
  for (const { width, height, dots } of pages) {
    const dotsAt = file.length;
    const fields = {
      256: width,
      257: height,
      258: 8,
      259: 1,
      262: 1,
      273: dotsAt,
      277: 1,
      278: height,
      279: dots.length,
    };
    const directory = Buffer.alloc(2 + Object.keys(fields).length * 12 + 4);
    directory.writeUInt16LE(Object.keys(fields).length);
    for (const [number, [tag, value]] of Object.entries(fields).entries()) {
      const at = 2 + number * 12;
      directory.writeUInt16LE(Number(tag), at);
      directory.writeUInt16LE(4, at + 2); // a number of four bytes
      directory.writeUInt32LE(1, at + 4);
      directory.writeUInt32LE(value, at + 8);
    }
    const directoryAt = dotsAt + dots.length + (dots.length % 2);
    file = Buffer.concat([file, dots, Buffer.alloc(dots.length % 2), directory]);
    file.writeUInt32LE(directoryAt, pointerAt);
    pointerAt = file.length - 4;
  }
  return file;
}
