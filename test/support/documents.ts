import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';

/** Writes a file of the given size whose bytes don't repeat; answers its SHA-256. */
export async function writeLargeFile(path: string, sizeBytes: number): Promise<string> {
  const seed = randomBytes(1_048_576);
  const sha256 = createHash('sha256');
  const file = await open(path, 'w');
  for (let at = 0; at < sizeBytes; at += seed.length) {
    seed.writeUInt32BE(at / seed.length, 100);
    const part = seed.subarray(0, Math.min(seed.length, sizeBytes - at));
    sha256.update(part);
    await file.write(part);
  }
  await file.close();
  return sha256.digest('hex');
}

/** The SHA-256 of a file. */
export async function sha256Of(path: string): Promise<string> {
  const sha256 = createHash('sha256');
  for await (const part of createReadStream(path, { highWaterMark: 1_048_576 })) sha256.update(part as Buffer);
  return sha256.digest('hex');
}

/** A PDF of one page with a line of text: the smallest that readers accept. */
export function smallPdf(text: string): Buffer {
  const content = `BT /F1 12 Tf 72 720 Td (${text.replaceAll(/[()\\]/g, '')}) Tj ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let body = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = body.length;
    body += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const trailer = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\n`;
  return Buffer.from(`${body}${trailer}startxref\n${body.length}\n%%EOF\n`);
}
