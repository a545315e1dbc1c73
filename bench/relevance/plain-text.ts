/** The text of a document by the plainest means: `pdftotext`, and the letters between the tags. Nothing of the product's. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { unzipSync } from 'fflate';

const MAX_TEXT_BYTES = 256 << 20;
/** What is read of a packed document. */
const PACKED_TEXTS: Readonly<Record<string, RegExp>> = {
  '.docx': /^word\/document\.xml$/u,
  '.odt': /^content\.xml$/u,
  '.epub': /\.x?html?$/u,
};
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };
const BLOCK = /<\/?(?:p|br|div|li|h\d|tr|td|th|dt|dd|title|pre|w:p|w:tab|w:br|text:p|text:h|text:tab)\b[^>]*>/giu;

/** Returns the text of a document. */
export function plainTextOf(file: string): string {
  const ending = extname(file);
  if (ending === '.pdf')
    return execFileSync('pdftotext', ['-q', file, '-'], { encoding: 'utf8', maxBuffer: MAX_TEXT_BYTES });
  const bytes = readFileSync(file);
  const packed = PACKED_TEXTS[ending];
  if (packed) {
    const files = unzipSync(bytes, { filter: ({ name }) => packed.test(name) });
    return Object.values(files)
      .map((each) => withoutTags(decoded(each)))
      .join('\n');
  }
  return ending.startsWith('.htm') ? withoutTags(decoded(bytes)) : decoded(bytes);
}

/** UTF-8, or the encoding that the document names, or that of old Western texts. */
function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const head = Buffer.from(bytes.subarray(0, 2_048)).toString('latin1');
    return new TextDecoder(/charset=["']?(?<name>[\w-]+)/iu.exec(head)?.groups?.['name'] ?? 'windows-1252').decode(
      bytes,
    );
  }
}

function withoutTags(markup: string): string {
  return markup
    .replaceAll(/<(?<name>script|style)\b.*?<\/\k<name>>/gisu, '')
    .replaceAll(BLOCK, '\n')
    .replaceAll(/<[^>]*>/gu, '')
    .replaceAll(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/giu, characterOf);
}

/** The arguments are those of a replacer: the whole reference, and its number or its name. */
function characterOf(whole: string, hex?: string, decimal?: string, name?: string): string {
  if (name) return ENTITIES[name] ?? whole;
  return String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal));
}
