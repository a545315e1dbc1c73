import { decodeBytes } from './decode.ts';
import { knownEncoding } from './encodings.ts';

/** Part of a file in which its declaration stands. */
const DECLARATION_BYTES = 1_024;
const COMMENT = /<!--[\s\S]{0,10000}?-->/gu;
const META = /<meta[^>]{0,200}?charset\s*=\s*["']?\s*(?<label>[\w:.+-]{2,40})/iu;
const XML_DECLARATION = /^\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["'](?<label>[\w:.+-]{2,40})/iu;

/** The encoding that a page declares, as browsers understand it (WHATWG HTML, section 13.2.3.2). */
export function declaredInHtml(start: string): string | null {
  const label = META.exec(start.replaceAll(COMMENT, ''))?.groups?.['label'];
  return label ? asRead(label) : declaredInXml(start);
}

/** The encoding that an XML declaration names (XML 1.0, section 4.3.3). */
export function declaredInXml(start: string): string | null {
  const label = XML_DECLARATION.exec(start)?.groups?.['label'];
  return label ? asRead(label) : null;
}

/** Who reads a declaration byte by byte knows that it is not UTF-16. */
function asRead(label: string): string | null {
  if (label.toLowerCase() === 'x-user-defined') return 'windows-1252';
  const encoding = knownEncoding(label);
  return encoding?.startsWith('utf-16') ? 'utf-8' : encoding;
}

/** The text of an XML file. */
export const textOfXml = (bytes: Buffer | null): string =>
  bytes ? decodeBytes(bytes, declaredInXml(bytes.toString('latin1', 0, DECLARATION_BYTES))) : '';
