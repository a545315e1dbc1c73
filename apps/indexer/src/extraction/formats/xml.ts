import { Parser } from 'htmlparser2';
import { declaredInXml } from '../encoding/declared-encoding.ts';
import { readText, undivided } from '../encoding/decode.ts';
import type { ReadText } from '../extraction.ts';
import { textOfHtml } from './html-text.ts';
import type { SourceFile } from '../child/source-file.ts';

/** Of a file whose source is longer than so many times the text that is wanted, the end is not read. */
const MAX_SOURCE_FACTOR = 2;
const PARSED_CHARACTERS = 64 * 1024;
/** Pictures and other bytes in Base64. */
const ENCODED_BYTES = /^[A-Za-z0-9+/=\s]{400,}$/u;
/** Attributes that hold text for people, as in outlines (OPML). */
const SHOWN = ['text', 'title', 'label', 'caption', 'alt', 'description', 'summary'];
const PAGE = /<(?:\w+:)?(?:html|svg)[\s>]/iu;
const ROOT_CHARACTERS = 4_096;

/** Reads the text of an XML file; that of a page or a drawing as browsers show it. */
export async function readXml(file: SourceFile, maxCharacters: number): Promise<ReadText> {
  const { text: source, truncated } = await readText(file, maxCharacters * MAX_SOURCE_FACTOR, declaredInXml);
  const isPage = PAGE.test(source.slice(0, ROOT_CHARACTERS));
  const text = isPage ? textOfHtml(source, maxCharacters) : textOfXmlSource(source);
  return undivided({ text: text.slice(0, maxCharacters), truncated: truncated || text.length > maxCharacters });
}

/** The characters of an XML text. A single tag between letters is within a word; two are between the texts of two elements. */
export function textOfXmlSource(xml: string): string {
  const pieces: string[] = [];
  let text = '';
  let tags = 0;
  const parser = new Parser(
    {
      onopentag: (_, attributes) => {
        tags += 1;
        for (const name of SHOWN) {
          if (attributes[name]) text += `\n${attributes[name]}\n`;
        }
      },
      onclosetag: () => {
        tags += 1;
      },
      ontext: (piece) => {
        if (tags > 1) text += '\n';
        tags = 0;
        text += piece;
      },
    },
    { xmlMode: true },
  );
  for (let at = 0; at < xml.length; at += PARSED_CHARACTERS) {
    parser.write(xml.slice(at, at + PARSED_CHARACTERS));
    const end = text.lastIndexOf('\n') + 1;
    pieces.push(text.slice(0, end));
    text = text.slice(end);
  }
  parser.end();
  return (pieces.join('') + text)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !ENCODED_BYTES.test(line))
    .join('\n');
}
